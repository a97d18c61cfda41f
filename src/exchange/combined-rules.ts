import type { Problem } from '../errors.ts';
import type { RoleArn } from '../identity/arn.ts';

const maxPolicyArns = 10;
const maxPlainPolicyCharacters = 2048;
const maxTags = 50;

/**
 * Inputs that need role_chain, because only AssumeRole has such parameters. AssumeRoleWithWebIdentity reads tags and
 * a source identity from claims for AWS, which GitLab's tokens do not have:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
 *
 * @param given the inputs by name; undefined if one has no effect
 */
export function chainProblems(given: Readonly<Record<string, string | undefined>>): readonly Problem[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const hint =
      name === 'external_id'
        ? 'AssumeRoleWithWebIdentity has no external ID.'
        : 'AssumeRoleWithWebIdentity has no such parameter: use session_name to identify the job.';
    return [{ name, rule: 'must not be set without role_chain', value, hint }];
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_know */
export function tagProblems(claims: readonly string[]): readonly Problem[] {
  const name = 'session_tags';
  const keys = new Set(claims.map((claim) => claim.toLowerCase()));
  const twice = { name, rule: 'must not list a claim twice (case is ignored)' };
  return [...tooMany(name, claims, maxTags), ...(keys.size < claims.length ? [twice] : [])];
}

/** A custom endpoint and the FIPS endpoint exclude each other. */
export function endpointProblems(
  endpoint: URL | undefined,
  useFips: boolean | undefined,
): readonly Problem[] {
  if (endpoint === undefined || !useFips) return [];
  const rule = 'must not be true with a custom endpoint';
  return [
    { name: 'AWS_USE_FIPS_ENDPOINT', rule, hint: `The endpoint is ${endpoint.host}: unset one of the two.` },
  ];
}

/** STS's limits on session policies: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export function policyProblems(policy: string | undefined, arns: readonly string[]): readonly Problem[] {
  const problems = tooMany('policy_arns', arns, maxPolicyArns);
  const characters = [policy, ...arns].join('').length;
  if (policy !== undefined && characters > maxPlainPolicyCharacters) {
    const rule = `must have at most ${maxPlainPolicyCharacters} characters together with policy_arns; they have ${characters}`;
    problems.push({ name: 'policy', rule });
  }
  return problems;
}

/** A role must be in an allowed account, if any are listed. */
export function accountProblems(role: RoleArn | undefined, allowed: readonly string[]): readonly Problem[] {
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

function tooMany(name: string, list: readonly string[], most: number): Problem[] {
  return list.length > most
    ? [{ name, rule: `must have at most ${most} entries; it has ${list.length}` }]
    : [];
}
