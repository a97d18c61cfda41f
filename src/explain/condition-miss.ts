import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';
import { isLike } from '../identity/pattern.ts';
import { isRequestKey, splitConditionKey } from '../identity/request-key.ts';
import { valueMistake } from '../identity/value-mistake.ts';
import { audienceCause } from './audience-cause.ts';
import { keyMistake } from './condition-key.ts';
import { type Miss, quotedList } from './miss.ts';
import { unprotectedRef } from './not-authorized-causes.ts';
import { operatorMistake } from './operator-mistake.ts';
import type { Situation } from './situation.ts';
import { subjectCause } from './subject-causes.ts';
import { subjectDifference } from './subject-difference.ts';

/**
 * Explains why a condition is not met: a mistake in its operator, its key or its value, or a different token.
 *
 * @param projectIdMet the policy checks the project ID, and the token's ID matches
 */
export function conditionCause(miss: Miss, situation: Situation, projectIdMet: boolean): Cause {
  const issuer = textClaim(situation.claims, 'iss') ?? '';
  return (
    operatorMistake(miss) ??
    keyMistake(miss, providerName(issuer)) ??
    valueCause(miss, situation, projectIdMet, issuer)
  );
}

function valueCause(miss: Miss, situation: Situation, projectIdMet: boolean, issuer: string): Cause {
  const { claim } = splitConditionKey(miss.key);
  if (/not/i.test(miss.operator) && miss.actual !== undefined) return excluded(miss);
  if (miss.withoutVariables && miss.wanted.some((value) => value.includes('${'))) return oldVersion(miss);
  if (claim === 'sub' && miss.actual !== undefined) return subjectMiss(miss, situation, projectIdMet);
  if (hasDeadWildcard(miss)) return deadWildcard(miss);
  const mistake = mistakeIn(miss);
  if (mistake !== undefined) return mistake;
  if (claim === 'aud') return audienceCause(situation, miss.wanted);
  if (claim === 'ref_protected' && miss.actual?.[0] === 'false') return unprotectedRef(issuer);
  return wrongCase(miss) ?? otherValue(miss);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
function oldVersion({ wanted }: Miss): Cause {
  return {
    id: 'policy-version',
    summary:
      'The policy uses a variable, but Version 2008-10-17 does not support variables: the text is compared literally.',
    evidence: `${quotedList(wanted)}; 2008-10-17 is the default "Version".`,
    remedy:
      'Write "Version": "2012-10-17", or replace the variable with its value. A variable for a claim of the token itself, such as its own sub, restricts nothing.',
  };
}

/** A wildcard, a space or a different case is a better explanation than a mistake in the characters. */
function subjectMiss(miss: Miss, situation: Situation, projectIdMet: boolean): Cause {
  const { problem, wanted } = subjectDifference(miss, situation, projectIdMet);
  const isCareless = ['wildcard', 'spaces', 'case'].includes(problem);
  const mistake = isCareless ? undefined : mistakeIn({ ...miss, wanted: [wanted] });
  return mistake ?? subjectCause(problem, situation, wanted);
}

/** The first mistake in any of the values; correct values do not matter, because none of them matched. */
function mistakeIn({ wanted, actual = [] }: Miss): Cause | undefined {
  for (const value of wanted) {
    const mistake = valueMistake(value, actual[0] ?? '');
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function deadWildcard(miss: Miss): Cause {
  return {
    id: 'subject-wildcard',
    summary: 'The policy has a wildcard, but the operator does not support wildcards.',
    evidence: `"${miss.key}" must be ${quotedList(miss.wanted)} under ${miss.operator}; the token has ${quotedList(miss.actual)}.`,
    remedy: 'Write the full value, or use StringLike.',
  };
}

/** A negated operator in an Allow: the token has an excluded value. */
function excluded({ key, operator, wanted, actual }: Miss): Cause {
  return {
    id: 'condition-excluded',
    summary: `The policy excludes this value of "${key}".`,
    evidence: `It must not be ${quotedList(wanted)} under ${operator}; the token has ${quotedList(actual)}.`,
    remedy: 'If this job should have the role, remove the value from that condition.',
  };
}

function wrongCase({ operator, key, wanted, actual }: Miss): Cause | undefined {
  const [value = ''] = actual ?? [];
  const cased = wanted.find((one) => one.toLowerCase() === value.toLowerCase());
  if (cased === undefined || actual === undefined) return undefined;
  return {
    id: 'condition-case',
    summary: 'The value in the policy differs in upper or lower case.',
    evidence: `"${key}" must be "${cased}" under ${operator}; the token has "${value}".`,
    remedy: `The comparison is case-sensitive: write "${value}".`,
  };
}

function otherValue({ key, operator, wanted, actual, note }: Miss): Cause {
  const who = isRequestKey(key) ? 'the request' : 'the token';
  const has = actual === undefined ? 'no such value' : quotedList(actual);
  return {
    id: actual === undefined ? 'claim-absent' : 'condition-value',
    summary: `The condition on "${key}" is not met.`,
    evidence: `It must be ${quotedList(wanted)} under ${operator}; ${who} has ${has}${note === undefined ? '' : ` (${note})`}.`,
    remedy: 'If this job should have the role, correct the value in the policy.',
  };
}

/** Would the values match if the operator supported wildcards, which it does not? */
function hasDeadWildcard({ operator, key, wanted, actual = [] }: Miss): boolean {
  const { claim } = splitConditionKey(key);
  const [value = ''] = actual;
  return (
    /equals/i.test(operator) &&
    wanted.some((text) => /[*?]/.test(text) && (claim === 'aud' || isLike(value, [{ text, literal: false }])))
  );
}
