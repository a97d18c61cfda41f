import { isDeepStrictEqual } from 'node:util';
import type { Iam, Role } from '../../aws-api/iam.ts';
import { AwsOidcError } from '../../errors.ts';
import { type FoundPolicy, policyOfRole } from '../../trust-policy/found-policy.ts';
import { generatePolicy, providerArn, type TrustTarget } from '../../trust-policy/generate.ts';
import { type Finding, lint } from '../../trust-policy/lint.ts';
import { normalized } from './normalized-policy.ts';

/** IAM can return an older state for some seconds after a change. */
const attempts = 6;
const pauseMs = 2000;

/**
 * Reads back what was set up.
 *
 * @returns the trust policy that IAM has, and its risks
 * @throws {AwsOidcError} `REFUSED` if IAM does not have what was planned
 */
export async function verifyRole(
  iam: Iam,
  target: TrustTarget,
): Promise<{ readonly policy: FoundPolicy; readonly findings: readonly Finding[] }> {
  for (let attempt = 1; ; attempt++) {
    const role = await iam.role(target.roleName);
    const difference = roleDifference(role, target) ?? (await providerDifference(iam, target));
    if (difference === undefined) {
      const policy = policyFrom(role?.trustPolicy);
      return { policy, findings: lint(policy) };
    }
    if (attempt === attempts) {
      throw new AwsOidcError('REFUSED', `Read back from IAM, ${difference}.`, {
        hint: 'Somebody else changed it meanwhile. Run setup again.',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function roleDifference(role: Role | undefined, target: TrustTarget): string | undefined {
  if (role === undefined) return `the role ${target.roleName} does not exist`;
  const isSame = isDeepStrictEqual(normalized(role.trustPolicy), normalized(generatePolicy(target)));
  return isSame ? undefined : `the role ${target.roleName} has another trust policy`;
}

async function providerDifference(iam: Iam, target: TrustTarget): Promise<string | undefined> {
  if (!target.withProvider) return undefined;
  const audiences = await iam.audiencesOf(providerArn(target));
  return audiences?.includes(target.audience)
    ? undefined
    : `the identity provider lacks the audience ${target.audience}`;
}

/** A trust policy in plain values, as IAM has it or would have it. */
export function policyFrom(value: unknown): FoundPolicy {
  return policyOfRole('', value, { line: 1, column: 1 });
}
