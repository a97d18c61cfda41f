import type { Environment } from '../environment.ts';
import type { Problem } from '../errors.ts';
import { checkPolicyArn, parseRoleArn, type RoleArn } from '../identity/arn.ts';
import { inputChecker } from '../validation/input-checker.ts';
import { invalidInput } from '../validation/invalid-input.ts';
import { checkAccountId, parseDuration } from '../validation/values.ts';
import { type IdToken, parseIdToken } from './id-token.ts';
import {
  checkEnvPrefix,
  checkExternalId,
  checkPolicy,
  parseChainedDuration,
  parseEndpoint,
  parseSwitch,
} from './option-values.ts';
import { partitionOfRegion, resolveRegion } from './region.ts';
import { cleanSessionName } from './session-name.ts';
import { similarRegion } from './similar-region.ts';
import { defaultSessionName, type FoundToken } from './token-source.ts';

/** The checked options of an exchange. */
export interface Options {
  readonly role: RoleArn;
  /** Roles to assume one after the other, each with the session of the one before. */
  readonly chain: readonly RoleArn[];
  readonly token: IdToken;
  /** The audience that the token was declared with, if known. */
  readonly audience: string | undefined;
  readonly sessionName: string;
  /** The session name before it was cleaned, if that changed it. */
  readonly originalSessionName: string | undefined;
  readonly durationSeconds: number;
  readonly region: string;
  /** A known region with a similar name, if the AWS SDK does not know `region`. */
  readonly similarRegion: string | undefined;
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
  readonly allowedAccountIds: readonly string[];
  readonly externalId: string | undefined;
  readonly envPrefix: string;
  /** Set only if the environment overrides the STS endpoint of the region. */
  readonly endpoint: URL | undefined;
  readonly useFips: boolean;
}

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
  'env_prefix',
] as const;

export type InputName = (typeof inputNames)[number];

const maxPolicyArns = 10;
const maxPlainPolicyCharacters = 2048;

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

/**
 * Checks all inputs and the token, and reports all problems together.
 *
 * @param inputs the inputs; an empty string means the default, as in a component
 * @param env for the region and the standard AWS variables
 * @param found the token, or what to do if there is none
 * @param nameOf the name of an input in errors: on the command line, the flag that set it
 * @throws {AwsOidcError} `INVALID_INPUT` with all problems
 */
export function readOptions(
  inputs: Inputs,
  env: Environment,
  found: FoundToken,
  now: Date,
  nameOf = (input: string): string => input,
): Options {
  const problems: Problem[] = [];
  const check = inputChecker(problems);
  const given = (name: InputName) => inputs[name] || undefined;

  const chain = check.list('role_chain', given('role_chain'), parseRoleArn);
  const role = check.required('role_arn', given('role_arn'), parseRoleArn, roleArnMissing);
  const allowedAccountIds = check.list('allowed_account_ids', given('allowed_account_ids'), checkAccountId);
  const policy = check.optional('policy', given('policy'), checkPolicy);
  const policyArns = check.list('policy_arns', given('policy_arns'), checkPolicyArn);
  const externalId = check.optional('external_id', given('external_id'), checkExternalId);
  const sessionText = given('session_name') ?? defaultSessionName(env);
  const sessionName = check.optional('session_name', sessionText, cleanSessionName);
  const parseSeconds = chain.length > 0 ? parseChainedDuration : parseDuration;
  const durationSeconds = check.optional('duration', given('duration') ?? '3600', parseSeconds);
  const envPrefix = check.optional('env_prefix', given('env_prefix'), checkEnvPrefix) ?? '';
  const [regionSource, regionText] = regionSetting(inputs, env);
  const partition = role?.partition ?? partitionOfRegion(regionText ?? '');
  const region = check.always(regionSource, regionText, () => resolveRegion(regionText, partition));
  const endpointName = env.AWS_ENDPOINT_URL_STS ? 'AWS_ENDPOINT_URL_STS' : 'AWS_ENDPOINT_URL';
  const endpoint = check.private(endpointName, env[endpointName] || undefined, parseEndpoint);
  const useFips = check.optional(
    'AWS_USE_FIPS_ENDPOINT',
    env.AWS_USE_FIPS_ENDPOINT || undefined,
    parseSwitch,
  );
  const parseToken = (text: string) => parseIdToken(text, env.CI_JOB_TOKEN, now);
  const token = check.secret(found.name, found.text, parseToken, found.missing);

  problems.push(...chainProblems(chain, externalId), ...policyProblems(policy, policyArns));
  problems.push(...endpointProblems(endpoint, useFips));
  for (const assumed of [role, ...chain]) problems.push(...accountProblems(assumed, allowedAccountIds));

  if (problems.length > 0 || !role || !token || !sessionName || !durationSeconds || !region) {
    throw invalidInput(problems.map((problem) => ({ ...problem, name: nameOf(problem.name) })));
  }
  return {
    role,
    chain,
    token,
    audience: given('audience'),
    sessionName,
    originalSessionName: sessionName === sessionText ? undefined : sessionText,
    durationSeconds,
    region,
    similarRegion: endpoint ? undefined : similarRegion(region),
    policy,
    policyArns,
    allowedAccountIds,
    externalId,
    envPrefix,
    endpoint,
    useFips: useFips ?? false,
  };
}

const roleArnMissing =
  'If it is set to a variable, that variable is empty in this job: it may be protected and this ref is not, or ' +
  'it is limited to an environment that this job does not use.';

function regionSetting(inputs: Inputs, env: Environment): readonly [string, string | undefined] {
  if (inputs.region) return ['region', inputs.region];
  if (env.AWS_REGION) return ['AWS_REGION', env.AWS_REGION];
  if (env.AWS_DEFAULT_REGION) return ['AWS_DEFAULT_REGION', env.AWS_DEFAULT_REGION];
  return ['region', undefined];
}

function chainProblems(chain: readonly RoleArn[], externalId: string | undefined): readonly Problem[] {
  if (externalId === undefined || chain.length > 0) return [];
  return [
    {
      name: 'external_id',
      rule: 'must be empty without role_chain',
      value: externalId,
      hint: 'AssumeRoleWithWebIdentity has no external ID.',
    },
  ];
}

function endpointProblems(endpoint: URL | undefined, useFips: boolean | undefined): readonly Problem[] {
  if (endpoint === undefined || !useFips) return [];
  const rule = 'must not be true with a custom endpoint';
  return [
    { name: 'AWS_USE_FIPS_ENDPOINT', rule, hint: `The endpoint is ${endpoint.host}: unset one of the two.` },
  ];
}

function policyProblems(policy: string | undefined, arns: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  if (arns.length > maxPolicyArns) {
    problems.push({
      name: 'policy_arns',
      rule: `must have at most ${maxPolicyArns} entries; it has ${arns.length}`,
    });
  }
  const characters = [policy, ...arns].join('').length;
  if (policy !== undefined && characters > maxPlainPolicyCharacters) {
    const rule = `must have at most ${maxPlainPolicyCharacters} characters together with policy_arns; they have ${characters}`;
    problems.push({ name: 'policy', rule });
  }
  return problems;
}

function accountProblems(role: RoleArn | undefined, allowed: readonly string[]): readonly Problem[] {
  if (role === undefined || allowed.length === 0 || allowed.includes(role.account)) return [];
  return [
    {
      name: 'allowed_account_ids',
      rule: `must include the account of every role; ${role.account} is not one of ${allowed.join(', ')}`,
      value: role.arn,
      hint: 'Correct the role, or add its account to the list.',
    },
  ];
}
