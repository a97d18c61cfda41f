import type { Cause } from '../errors.ts';
import { supplyValue } from './condition-key.ts';
import { type Miss, quotedList } from './miss.ts';
import type { Situation } from './situation.ts';

export const notPrincipal: Cause = {
  id: 'principal-excluded',
  summary: 'The statement has "NotPrincipal", which excludes the provider that it names.',
  evidence:
    'In an Allow, it means everyone except that provider. AWS does not support it in trust policies of roles.',
  remedy: 'Write "Principal".',
};

export const notAction: Cause = {
  id: 'action',
  summary: 'The statement has "NotAction", which allows everything except the actions that it names.',
  evidence: 'They include sts:AssumeRoleWithWebIdentity.',
  remedy: 'Write "Action": "sts:AssumeRoleWithWebIdentity".',
};

export function wrongAction(actions: readonly string[]): Cause {
  return {
    id: 'action',
    summary: 'The policy allows a different action.',
    evidence: `It allows ${actions.map((action) => `"${action}"`).join(', ') || 'nothing'}.`,
    remedy: 'Write "Action": "sts:AssumeRoleWithWebIdentity".',
  };
}

export const nothingAllows: Cause = {
  id: 'nothing-allows',
  summary: 'The trust policy has no Allow statement.',
  evidence: 'Without an Allow, the request is denied.',
  remedy: 'Create one with "aws-oidc trust-policy generate".',
};

/** @param absent the keys of negated conditions that the request does not have */
export function explicitDeny(statement: string, absent: readonly string[]): Cause {
  const because =
    absent.length === 0
      ? ''
      : ` The request has no "${absent.join('", "')}", and a negated operator matches if the key is absent: the statement denies every request.`;
  return {
    id: 'explicit-deny',
    summary: 'A statement of the trust policy denies this token.',
    evidence: `${statement} applies: its principal, its action and every condition match. A Deny overrides every Allow.${because}`,
    remedy: 'If this job should have the role, change the condition of that statement.',
  };
}

/** A Deny statement that depends on a value that only AWS knows. */
export function possibleDeny({ key, operator, wanted }: Miss): Cause {
  return {
    id: 'condition-unknown',
    summary: 'A Deny statement of the policy depends on a value that is not in the token.',
    evidence: `It applies if "${key}" meets ${operator} ${quotedList(wanted)}.`,
    remedy: supplyValue(key),
  };
}

/** The policy allows the token, so AWS evaluated another policy, or the role does not exist. */
export function notThisPolicy({ role }: Situation): Cause {
  return {
    id: 'role-missing',
    summary: 'This policy allows the token: the requested role does not exist, or has another policy.',
    evidence: `STS returns the same error if account ${role.account} has no such role.`,
    remedy:
      "Compare the ARN that the job uses with the role's ARN, including path and account, and fetch the policy again with aws iam get-role. A change can take some seconds to take effect.",
  };
}
