import { type Environment, tokenVariables, variableNamed } from '../environment.ts';

/** A token variable, or file, and what was in it. */
export interface FoundToken {
  /** How to name it in a message. */
  readonly name: string;
  readonly text: string | undefined;
  /** What to do where there is none. */
  readonly missing: string;
}

const missingInGitlab =
  'Declare the token under "id_tokens" in the job. CI_JOB_JWT and CI_JOB_JWT_V2 are empty ' +
  'since GitLab 17.0.';

/** https://circleci.com/docs/openid-connect-tokens/ */
const missingInCircleci =
  'CircleCI issues a token only to jobs with a context: add "context:" to the job in the workflow.';

/**
 * Finds the token in the environment.
 *
 * @param variable the variable that the user named, if any
 */
export function findToken(env: Environment, variable: string | undefined): FoundToken {
  const inCircleci = env.CIRCLECI === 'true';
  if (variable !== undefined) {
    return {
      name: variable,
      text: variableNamed(env, variable),
      missing: 'The variable set with --token-env is empty.',
    };
  }
  const [gitlab, , circleci] = tokenVariables;
  const name = tokenVariables.find((candidate) => env[candidate]) ?? (inCircleci ? circleci : gitlab);
  return { name, text: env[name], missing: inCircleci ? missingInCircleci : missingInGitlab };
}

/** The role session name, where nobody gives one: what CloudTrail should lead back to. */
export function defaultSessionName(env: Environment): string {
  if (env.CIRCLECI === 'true') return ['CircleCI', env.CIRCLE_WORKFLOW_ID].filter(Boolean).join('-');
  return ['GitLabRunner', env.CI_PROJECT_ID, env.CI_PIPELINE_ID].filter(Boolean).join('-');
}
