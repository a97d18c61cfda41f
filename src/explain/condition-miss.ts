import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { isMapped, mappedClaimsOf, providerName } from '../identity/issuer.ts';
import { isLike } from '../identity/pattern.ts';
import { audienceCause } from './audience.ts';
import { unprotectedRef } from './not-authorized.ts';
import type { Situation } from './situation.ts';
import { subjectCause } from './subject.ts';
import { subjectDifference } from './subject-difference.ts';

/** A condition of a policy that a token does not meet. */
export interface Miss {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  /** Undefined where the request has no such key. */
  readonly actual: readonly string[] | undefined;
  readonly note: string | undefined;
}

/** @param projectIdMet the policy holds the project's id, and it is the right one */
export function conditionCause(miss: Miss, situation: Situation, projectIdMet: boolean): Cause {
  const { claims } = situation;
  const issuer = textClaim(claims, 'iss') ?? '';
  const provider = providerName(issuer);
  if (/^(aws|sts):/i.test(miss.key)) return onlyAwsKnows(miss);
  const colon = miss.key.lastIndexOf(':');
  const claim = miss.key.slice(colon + 1).toLowerCase();
  if (miss.key.slice(0, colon).toLowerCase() !== provider.toLowerCase()) return foreignKey(miss, provider);
  if (isMapped(provider, claim) === false) return notMapped(miss, provider);
  if (/not/i.test(miss.operator) && miss.actual !== undefined) return excluded(miss);
  if (claim === 'sub') {
    const { problem, wanted } = subjectDifference(miss, situation, projectIdMet);
    return subjectCause(problem, situation, wanted);
  }
  if (hasDeadWildcard(miss)) return deadWildcard(miss);
  if (claim === 'aud') return audienceCause(situation, miss.wanted);
  if (claim === 'ref_protected' && miss.actual?.[0] === 'false') return unprotectedRef(issuer);
  return otherValue(miss);
}

function foreignKey({ key }: Miss, provider: string): Cause {
  const claim = key.slice(key.lastIndexOf(':') + 1);
  return {
    id: 'condition-foreign-key',
    summary: "A condition key has another issuer's name.",
    evidence: `The policy tests "${key}"; the keys of this token begin with "${provider}:".`,
    remedy: `Write "${provider}:${claim}".`,
  };
}

function notMapped({ key }: Miss, provider: string): Cause {
  return {
    id: 'condition-not-mapped',
    summary: 'The policy tests a claim that AWS does not map for this issuer.',
    evidence: `"${key}" is no condition key of AWS, even where the token has the claim.`,
    remedy: `Remove the condition. For this issuer AWS knows ${mappedClaimsOf(provider).join(', ')}.`,
  };
}

function onlyAwsKnows({ key, operator, wanted }: Miss): Cause {
  return {
    id: 'condition-unknown',
    summary: 'The policy tests something about the request that the token does not tell.',
    evidence: `"${key}" under ${operator} must be ${list(wanted)}.`,
    remedy: 'Compare it with the request in CloudTrail, or give its value with --context KEY=VALUE.',
  };
}

function deadWildcard(miss: Miss): Cause {
  return {
    id: 'subject-wildcard',
    summary: 'The policy has a wildcard where the operator takes none.',
    evidence: `"${miss.key}" must be ${list(miss.wanted)} under ${miss.operator}; the token has ${list(miss.actual)}.`,
    remedy: 'Name the value in full, or use StringLike.',
  };
}

/** A negated operator in an Allow: the token has what is kept out. */
function excluded({ key, operator, wanted, actual }: Miss): Cause {
  return {
    id: 'condition-excluded',
    summary: `The policy keeps this value of "${key}" out.`,
    evidence: `It must not be ${list(wanted)} under ${operator}; the token has ${list(actual)}.`,
    remedy: 'If this job is meant to have the role, take the value out of that condition.',
  };
}

function otherValue({ key, operator, wanted, actual, note }: Miss): Cause {
  const has = actual === undefined ? 'nothing of that name' : list(actual);
  return {
    id: actual === undefined ? 'claim-absent' : 'condition-value',
    summary: `The condition on "${key}" is not met.`,
    evidence: `It must be ${list(wanted)} under ${operator}; the token has ${has}${note === undefined ? '' : ` (${note})`}.`,
    remedy: 'Correct the value in the policy if this job is meant to have the role.',
  };
}

/** Would the values match if the operator took wildcards, which it does not? */
function hasDeadWildcard({ operator, wanted, actual = [] }: Miss): boolean {
  const [value = ''] = actual;
  return (
    /equals/i.test(operator) &&
    wanted.some((text) => /[*?]/.test(text) && isLike(value, [{ text, literal: false }]))
  );
}

function list(values: readonly string[] | undefined): string {
  return (values ?? []).map((value) => `"${value}"`).join(' or ') || 'nothing';
}
