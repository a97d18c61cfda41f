import type { Cause } from '../errors.ts';
import { splitConditionKey } from '../identity/request-key.ts';
import { audienceCause } from './audience-cause.ts';
import { conditionCause } from './condition-miss.ts';
import type { Miss } from './miss.ts';
import { controlPolicy } from './not-authorized-causes.ts';
import {
  explicitDeny,
  notAction,
  nothingAllows,
  notPrincipal,
  notThisPolicy,
  possibleDeny,
  wrongAction,
} from './policy-causes.ts';
import { type Principals, principalCause } from './principal-miss.ts';
import { explainRefusal, unknownRefusal } from './refusal.ts';
import type { Refusal, Situation } from './situation.ts';
import { takenOver } from './taken-over-cause.ts';

/** How a trust policy decides about a token. */
export interface Verdict {
  readonly decision: 'allow' | 'implicit-deny' | 'explicit-deny' | 'unknown';
  /** The statement that denies, by its Sid or number. */
  readonly deniedBy: string | undefined;
  /** The keys of its negated conditions that the request does not have, which meets these conditions. */
  readonly deniedByAbsent: readonly string[];
  /** Conditions of Deny statements on values that only AWS knows. */
  readonly mayDenyBy: readonly Miss[];
  /** The statement that comes closest to allowing the token. */
  readonly nearest: Nearest | undefined;
}

export interface Nearest {
  readonly principalMet: boolean;
  readonly actionMet: boolean;
  readonly principals: Principals;
  /** The statement has `NotPrincipal`, or `NotAction`. */
  readonly exceptPrincipals: boolean;
  readonly exceptActions: boolean;
  readonly actions: readonly string[];
  readonly misses: readonly Miss[];
  /** The values that its conditions on `aud` accept, met or not. */
  readonly audiences: readonly string[];
  /** It has conditions on `sub`, and all of them are met. */
  readonly subjectMet: boolean;
  /** It has conditions on the project ID, and all of them are met. */
  readonly projectIdMet: boolean;
}

/**
 * Explains why a token was refused when the trust policy is known, most likely cause first.
 *
 * @param refusal STS's error; without it, the error that follows from this policy
 * @returns nothing if the policy allows the token and there is no error
 */
export function explainVerdict(verdict: Verdict, situation: Situation, refusal?: Refusal): readonly Cause[] {
  const { nearest } = verdict;
  if (refusal !== undefined && !isBareRefusal(refusal)) return earlyRefusal(refusal, situation, nearest);
  if (verdict.decision === 'explicit-deny') {
    return [explicitDeny(verdict.deniedBy ?? '', verdict.deniedByAbsent)];
  }
  const mayDeny = verdict.mayDenyBy.map((miss) => possibleDeny(miss));
  if (verdict.decision === 'allow' || (verdict.decision === 'unknown' && nearest?.misses.length === 0)) {
    const elsewhere = refusal === undefined ? [] : [notThisPolicy(situation), controlPolicy];
    return [...mayDeny, ...elsewhere];
  }
  return nearest === undefined ? [nothingAllows] : [...missCauses(nearest, situation), ...mayDeny];
}

/** Is it the error that does not reveal its cause: the role's policy, or a missing role? */
export function isBareRefusal({ code, message }: Refusal): boolean {
  return (
    /^Not authorized to perform:? sts:AssumeRoleWithWebIdentity/i.test(message) ||
    (code === 'AccessDenied' && message === '')
  );
}

/** Explains an error with a cause other than the policy's decision; the policy only adds what it expects. */
function earlyRefusal(
  refusal: Refusal,
  situation: Situation,
  nearest: Nearest | undefined,
): readonly Cause[] {
  if (/audience/.test(refusal.message)) return [audienceCause(situation, nearest?.audiences)];
  const known = explainRefusal(refusal, situation);
  const causes = known.length > 0 ? known : [unknownRefusal(refusal)];
  const isProvider = /^No OpenIDConnect provider/.test(refusal.message);
  return isProvider && nearest?.principalMet === false
    ? [principalCause(nearest.principals, situation), ...causes]
    : causes;
}

function missCauses(nearest: Nearest, situation: Situation): readonly Cause[] {
  const causes: Cause[] = [];
  if (!nearest.principalMet) {
    causes.push(nearest.exceptPrincipals ? notPrincipal : principalCause(nearest.principals, situation));
  }
  if (!nearest.actionMet) causes.push(nearest.exceptActions ? notAction : wrongAction(nearest.actions));
  const takeover = takenOver(nearest.misses, nearest.subjectMet, situation.claims);
  if (takeover !== undefined) causes.push(takeover);
  const byImportance = nearest.misses.toSorted((a, b) => importance(a) - importance(b));
  const conditions = byImportance.map((miss) => conditionCause(miss, situation, nearest.projectIdMet));
  return [...causes, ...conditions];
}

/** `sub` comes first, because it says who asks, then `aud`, then the rest. */
function importance({ key }: Miss): number {
  const rank = ['sub', 'aud'].indexOf(splitConditionKey(key).claim);
  return rank < 0 ? 2 : rank;
}
