import type { Cause } from '../errors.ts';
import { audienceCause } from './audience.ts';
import { conditionCause, type Miss } from './condition-miss.ts';
import { controlPolicy, roleOrPolicy } from './not-authorized.ts';
import { principalCause } from './principal-miss.ts';
import { explainRefusal } from './refusal.ts';
import type { Refusal, Situation } from './situation.ts';

/** What a trust policy said to a token, as far as an explanation needs it. */
export interface Verdict {
  readonly decision: 'allow' | 'implicit-deny' | 'explicit-deny' | 'unknown';
  /** The statement that denies, by its Sid or number. */
  readonly deniedBy: string | undefined;
  /** The statement that comes nearest to allowing it. */
  readonly nearest: Nearest | undefined;
}

export interface Nearest {
  readonly principalMet: boolean;
  readonly actionMet: boolean;
  readonly federated: readonly string[];
  readonly actions: readonly string[];
  readonly misses: readonly Miss[];
  /** What it wants of `aud`, met or not. */
  readonly audiences: readonly string[];
  /** The project's id was compared, and it is the right one. */
  readonly projectIdMet: boolean;
}

/**
 * Why a token was refused, where the trust policy is known; the likeliest first.
 *
 * @param refusal what STS said; where it is left out, what it would say by this policy
 * @returns nothing where the policy lets the token in and nobody refused it
 */
export function explainVerdict(verdict: Verdict, situation: Situation, refusal?: Refusal): readonly Cause[] {
  const { nearest } = verdict;
  if (refusal !== undefined && !/^Not authorized/.test(refusal.message)) {
    if (/audience/.test(refusal.message)) return [audienceCause(situation, nearest?.audiences)];
    const other = explainRefusal(refusal, situation);
    const isProvider = /^No OpenIDConnect provider/.test(refusal.message);
    return isProvider && nearest?.principalMet === false
      ? [principalCause(nearest.federated, situation), ...other]
      : other;
  }
  if (verdict.decision === 'explicit-deny') return [explicitDeny(verdict.deniedBy ?? '')];
  if (verdict.decision === 'allow') {
    return refusal === undefined ? [] : [roleOrPolicy(situation), controlPolicy];
  }
  return nearest === undefined ? [nothingAllows] : missCauses(nearest, situation);
}

function missCauses(nearest: Nearest, situation: Situation): readonly Cause[] {
  const causes: Cause[] = [];
  if (!nearest.principalMet) causes.push(principalCause(nearest.federated, situation));
  if (!nearest.actionMet) causes.push(wrongAction(nearest.actions));
  const byImportance = nearest.misses.toSorted((a, b) => importance(a) - importance(b));
  const conditions = byImportance.map((miss) => conditionCause(miss, situation, nearest.projectIdMet));
  return [...causes, ...conditions];
}

/** Who asks, then for whom the token is, then the rest. */
function importance({ key }: Miss): number {
  const rank = ['sub', 'aud'].indexOf(key.slice(key.lastIndexOf(':') + 1).toLowerCase());
  return rank < 0 ? 2 : rank;
}

function wrongAction(actions: readonly string[]): Cause {
  return {
    id: 'action',
    summary: 'The policy allows another action than this one.',
    evidence: `It allows ${actions.map((action) => `"${action}"`).join(', ') || 'nothing'}.`,
    remedy: 'Write "Action": "sts:AssumeRoleWithWebIdentity".',
  };
}

function explicitDeny(statement: string): Cause {
  return {
    id: 'explicit-deny',
    summary: 'A statement of the trust policy denies this token.',
    evidence: `${statement} applies: its principal, action and every condition are met. A Deny wins over every Allow.`,
    remedy: 'If the job is meant to have the role, change the condition of that statement.',
  };
}

const nothingAllows: Cause = {
  id: 'nothing-allows',
  summary: 'The trust policy has no statement that allows anything.',
  evidence: 'Without an Allow the answer is no.',
  remedy: 'Write one: "aws-oidc trust-policy generate" does.',
};
