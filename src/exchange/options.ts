import type { Environment } from '../environment-variables.ts';
import type { Problem } from '../errors.ts';
import { checkPolicyArn, parseRoleArn, type RoleArn } from '../identity/arn.ts';
import { inputChecker } from '../validation/input-checker.ts';
import { invalidInput } from '../validation/invalid-input.ts';
import { checkAccountId, parseDuration } from '../validation/values.ts';
import {
  accountProblems,
  chainProblems,
  endpointProblems,
  policyProblems,
  tagProblems,
} from './combined-rules.ts';
import { type IdToken, parseIdToken } from './id-token.ts';
import type { InputName, Inputs } from './inputs.ts';
import {
  checkEnvPrefix,
  checkExternalId,
  checkPolicy,
  parseChainedDuration,
  parseEndpoint,
  parseSwitch,
} from './option-values.ts';
import { partitionOfRegion, resolveRegion } from './region.ts';
import {
  checkTagClaim,
  defaultTagClaims,
  type SessionClaim,
  sessionTags,
  sourceIdentity,
} from './session-claims.ts';
import { cleanSessionName, defaultSessionName } from './session-name.ts';
import { similarRegion } from './similar-region.ts';
import type { FoundToken } from './token-source.ts';

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
  /** Empty without chained roles. */
  readonly sessionTags: readonly SessionClaim[];
  /** Later sessions of the chain inherit the tags. */
  readonly transitiveTags: boolean;
  readonly sourceIdentity: SessionClaim | undefined;
  readonly envPrefix: string;
  /** Set only if the environment overrides the STS endpoint of the region. */
  readonly endpoint: URL | undefined;
  readonly useFips: boolean;
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
  const { region, endpoint, useFips } = readAddress(check, inputs, env, role);
  const parseToken = (text: string) => parseIdToken(text, env.CI_JOB_TOKEN, now);
  const token = check.secret(found.name, found.text, parseToken, found.missing);

  const { tagClaims, ...claims } = readSessionClaims(check, given, token);
  const isAlone = chain.length === 0 && !problems.some(({ name }) => name.startsWith('role_chain'));
  if (isAlone) {
    const tags = isDefault(tagClaims) ? undefined : given('session_tags');
    const transitive = claims.transitiveTags ? 'true' : undefined;
    const identity = given('source_identity');
    const set = { session_tags: tags, transitive_tags: transitive, source_identity: identity };
    problems.push(...chainProblems({ external_id: externalId, ...set }));
  }
  problems.push(...tagProblems(tagClaims), ...policyProblems(policy, policyArns));
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
    ...claims,
    sessionTags: isAlone ? [] : claims.sessionTags,
    envPrefix,
    endpoint,
    useFips: useFips ?? false,
  };
}

/** What the chained roles are told about the token. */
function readSessionClaims(
  check: ReturnType<typeof inputChecker>,
  given: (name: InputName) => string | undefined,
  token: IdToken | undefined,
) {
  const claims = token?.claims ?? {};
  const listed = given('session_tags');
  const tagClaims = listed ? check.list('session_tags', listed, checkTagClaim) : defaultTagClaims;
  // without a token, its absence is the problem
  const identityOf = (claim: string) => token && sourceIdentity(claim, claims);
  return {
    tagClaims,
    sessionTags: sessionTags(tagClaims, claims),
    transitiveTags: check.optional('transitive_tags', given('transitive_tags'), parseSwitch) ?? false,
    sourceIdentity: check.optional('source_identity', given('source_identity'), identityOf),
  };
}

/** The templates always pass a list, by default this one. */
function isDefault(tagClaims: readonly string[]): boolean {
  return ['', defaultTagClaims.join()].includes(tagClaims.join());
}

const roleArnMissing =
  'If it is set to a variable, that variable is empty in this job: it may be protected and this ref is not, or ' +
  'it is limited to an environment that this job does not use.';

/** Where STS is: the region, or an endpoint of its own. */
function readAddress(
  check: ReturnType<typeof inputChecker>,
  inputs: Inputs,
  env: Environment,
  role: RoleArn | undefined,
) {
  const [source, text] = regionSetting(inputs, env);
  const partition = role?.partition ?? partitionOfRegion(text ?? '');
  const name = env.AWS_ENDPOINT_URL_STS ? 'AWS_ENDPOINT_URL_STS' : 'AWS_ENDPOINT_URL';
  const fips = env.AWS_USE_FIPS_ENDPOINT || undefined;
  return {
    region: check.always(source, text, () => resolveRegion(text, partition)),
    endpoint: check.private(name, env[name] || undefined, parseEndpoint),
    useFips: check.optional('AWS_USE_FIPS_ENDPOINT', fips, parseSwitch),
  };
}

function regionSetting(inputs: Inputs, env: Environment): readonly [string, string | undefined] {
  if (inputs.region) return ['region', inputs.region];
  if (env.AWS_REGION) return ['AWS_REGION', env.AWS_REGION];
  if (env.AWS_DEFAULT_REGION) return ['AWS_DEFAULT_REGION', env.AWS_DEFAULT_REGION];
  return ['region', undefined];
}
