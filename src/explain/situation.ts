import type { Environment } from '../environment-variables.ts';
import type { Claims } from '../identity/claims.ts';

/** What is known about a failed exchange. */
export interface Situation {
  readonly role: { readonly account: string; readonly partition: string };
  readonly claims: Claims;
  readonly durationSeconds: number;
  readonly now: Date;
  readonly job: JobFacts;
}

/** Facts from predefined variables; each may be absent. */
export interface JobFacts {
  readonly serverUrl?: string | undefined;
  readonly defaultBranch?: string | undefined;
  /** In merge request pipelines: the projects of the source branch and of the target branch. */
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

/** An error response of STS. */
export interface Refusal {
  /** STS's error code. */
  readonly code: string;
  readonly message: string;
}
