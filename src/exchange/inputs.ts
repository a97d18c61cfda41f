import type { Environment } from '../environment-variables.ts';

/** The inputs by name, as set in the environment or by flags. */
export type Inputs = Readonly<Partial<Record<InputName, string>>>;

export const inputNames = [
  'role_arn',
  'audience',
  'duration',
  'region',
  'session_name',
  'policy',
  'policy_arns',
  'allowed_account_ids',
  'role_chain',
  'external_id',
  'session_tags',
  'transitive_tags',
  'source_identity',
  'env_prefix',
] as const;

export type InputName = (typeof inputNames)[number];

/** The variable in which the templates pass an input. */
export function variableOf(input: InputName) {
  return `AWS_OIDC_${input.toUpperCase()}` as `AWS_OIDC_${Uppercase<InputName>}`;
}

/** The inputs from the variables that the templates set. */
export function inputsFromEnvironment(env: Environment): Inputs {
  const found = inputNames.flatMap((name) => {
    const value = env[variableOf(name)];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}
