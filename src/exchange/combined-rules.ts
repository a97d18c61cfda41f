import type { Problem } from '../errors.ts';
import type { RoleArn } from '../identity/arn.ts';

const maxPolicyArns = 10;
const maxPlainPolicyCharacters = 2048;

/** An external ID is for chained roles only. */
export function chainProblems(chain: readonly RoleArn[], externalId: string | undefined): readonly Problem[] {
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
