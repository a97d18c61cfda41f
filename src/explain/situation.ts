import type { Environment } from '../environment.ts';
import type { Claims } from '../identity/claims.ts';

/** What is known of an exchange that failed. */
export interface Situation {
  readonly role: { readonly account: string; readonly partition: string };
  readonly claims: Claims;
  readonly durationSeconds: number;
  readonly now: Date;
  readonly job: JobFacts;
}

/** What the job's environment tells beside the token; each may be absent. */
export interface JobFacts {
  readonly serverUrl?: string | undefined;
  readonly defaultBranch?: string | undefined;
  /** Of a merge request's pipeline: where the changes come from, and where they shall go. */
  readonly sourceProject?: string | undefined;
  readonly targetProject?: string | undefined;
}

/** https://docs.gitlab.com/ci/variables/predefined_variables/ */
export function jobFacts(env: Environment): JobFacts {
  return {
    serverUrl: env.CI_SERVER_URL,
    defaultBranch: env.CI_DEFAULT_BRANCH,
    sourceProject: env.CI_MERGE_REQUEST_SOURCE_PROJECT_PATH,
    targetProject: env.CI_MERGE_REQUEST_PROJECT_PATH,
  };
}

/** An answer of STS, as far as an explanation needs it. */
export interface Refusal {
  /** STS's error code. */
  readonly code: string;
  readonly message: string;
}
