import { isDeepStrictEqual } from 'node:util';
import type { Iam } from '../../aws-api/iam.ts';
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
    const [role, audiences] = [await iam.role(target.roleName), await iam.audiencesOf(providerArn(target))];
    const difference =
      role === undefined
        ? `the role ${target.roleName} does not exist`
        : !isDeepStrictEqual(normalized(role.trustPolicy), normalized(generatePolicy(target)))
          ? `the role ${target.roleName} has another trust policy`
          : target.withProvider && !audiences?.includes(target.audience)
            ? `the identity provider lacks the audience ${target.audience}`
            : undefined;
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

/** A trust policy in plain values, as IAM has it or would have it. */
export function policyFrom(value: unknown): FoundPolicy {
  return policyOfRole('', value, { line: 1, column: 1 });
}
