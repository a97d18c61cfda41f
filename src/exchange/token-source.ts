import { type Environment, tokenVariables, variableNamed } from '../environment-variables.ts';

/** The variable or file that the token is read from, and its content. */
export interface FoundToken {
  /** The name of the variable or flag, for messages. */
  readonly name: string;
  readonly text: string | undefined;
  /** What to do if there is no token. */
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
 * @param variable the variable that the user chose, if any
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
