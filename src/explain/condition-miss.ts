import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { isMapped, issuerKind, mappedClaimsOf, providerName } from '../identity/issuer.ts';
import { isLike } from '../identity/pattern.ts';
import { isRequestKey, presenceOf } from '../identity/request-key.ts';
import { valueMistake } from '../identity/value-mistake.ts';
import { audienceCause } from './audience.ts';
import type { Miss } from './miss.ts';
import { unprotectedRef } from './not-authorized.ts';
import { operatorMistake } from './operator-mistake.ts';
import type { Situation } from './situation.ts';
import { subjectCause } from './subject.ts';
import { subjectDifference } from './subject-difference.ts';

/** @param projectIdMet the policy holds the project's id, and it is the right one */
export function conditionCause(miss: Miss, situation: Situation, projectIdMet: boolean): Cause {
  const issuer = textClaim(situation.claims, 'iss') ?? '';
  const provider = providerName(issuer);
  return (
    operatorMistake(miss) ?? keyMistake(miss, provider) ?? valueCause(miss, situation, projectIdMet, issuer)
  );
}

/** A key that a token of this issuer never has, whatever its value. */
function keyMistake(miss: Miss, provider: string): Cause | undefined {
  if (isRequestKey(miss.key)) {
    if (presenceOf(miss.key) === 'never') return neverPresent(miss);
    return miss.actual === undefined ? onlyAwsKnows(miss) : undefined;
  }
  const { prefix, claim } = partsOf(miss.key);
  if (prefix.toLowerCase() !== provider.toLowerCase()) return foreignKey(miss, provider);
  return isMapped(provider, claim) === false ? notMapped(miss, provider) : undefined;
}

function valueCause(miss: Miss, situation: Situation, projectIdMet: boolean, issuer: string): Cause {
  const { claim } = partsOf(miss.key);
  if (/not/i.test(miss.operator) && miss.actual !== undefined) return excluded(miss);
  if (miss.withoutVariables && miss.wanted.some((value) => value.includes('${'))) return oldVersion(miss);
  if (claim === 'sub' && miss.actual !== undefined) return subjectMiss(miss, situation, projectIdMet);
  if (hasDeadWildcard(miss)) return deadWildcard(miss);
  const mistake = mistakeIn(miss);
  if (mistake !== undefined) return mistake;
  if (claim === 'aud') return audienceCause(situation, miss.wanted);
  if (claim === 'ref_protected' && miss.actual?.[0] === 'false') return unprotectedRef(issuer);
  return otherValue(miss);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
function oldVersion({ wanted }: Miss): Cause {
  return {
    id: 'policy-version',
    summary:
      'The policy uses a variable, but its Version, 2008-10-17, does not support variables: it is compared literally.',
    evidence: `${list(wanted)}; without "Version" a policy is of 2008-10-17.`,
    remedy:
      'Write "Version": "2012-10-17", or replace the variable with its value. A variable that comes from the token itself, such as its own sub, restricts nobody.',
  };
}

/** What a careless comparison explains comes before what a look at the characters does. */
function subjectMiss(miss: Miss, situation: Situation, projectIdMet: boolean): Cause {
  const { problem, wanted } = subjectDifference(miss, situation, projectIdMet);
  const isCareless = ['wildcard', 'spaces', 'case'].includes(problem);
  const mistake = isCareless ? undefined : mistakeIn({ ...miss, wanted: [wanted] });
  return mistake ?? subjectCause(problem, situation, wanted);
}

/** The first value with a mistake in it; one that is right does not make up for it, since none matched. */
function mistakeIn({ wanted, actual = [] }: Miss): Cause | undefined {
  for (const value of wanted) {
    const mistake = valueMistake(value, actual[0] ?? '');
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

/** Names of issuers may have colons (a port), those of claims have none. */
function partsOf(key: string): { readonly prefix: string; readonly claim: string } {
  const colon = key.lastIndexOf(':');
  return { prefix: key.slice(0, Math.max(colon, 0)), claim: key.slice(colon + 1).toLowerCase() };
}

function foreignKey({ key }: Miss, provider: string): Cause {
  const { prefix, claim } = partsOf(key);
  const why =
    prefix === ''
      ? `The policy tests "${key}", without the issuer's name in front of it`
      : prefix.replace(/^https?:\/\//, '').replace(/\/$/, '') === provider
        ? `The policy tests "${key}", whose prefix has an extra "https://" or trailing slash`
        : `The policy tests "${key}"`;
  return {
    id: 'condition-foreign-key',
    summary: "The prefix of a condition key is not the name of this token's issuer.",
    evidence: `${why}; the keys of this token begin with "${provider}:".`,
    remedy: `Write "${provider}:${claim}".`,
  };
}

function notMapped({ key }: Miss, provider: string): Cause {
  const kind = issuerKind(provider);
  const where =
    kind === 'gitlab.com' || kind === 'self-managed'
      ? 'Restrict the project, ref or environment through the sub: by default it names the project and the ref, and ci_id_token_sub_claim_components can add other claims.'
      : '';
  return {
    id: 'condition-not-mapped',
    summary: 'The policy tests a claim that AWS does not map for this issuer.',
    evidence: `"${key}" is no condition key of AWS, even where the token has the claim. For this issuer AWS knows ${mappedClaimsOf(provider).join(', ')}.`,
    remedy:
      `Replace the condition with one that requires the exact value of "${provider}:sub". ${where}`.trim(),
  };
}

function neverPresent({ key }: Miss): Cause {
  return {
    id: 'condition-never-present',
    summary: 'The policy tests a key that AssumeRoleWithWebIdentity never has.',
    evidence: /externalid/i.test(key)
      ? `"${key}" is a parameter of AssumeRole alone.`
      : `"${key}" describes an AWS principal; a caller with a token from an identity provider is not one yet.`,
    remedy: 'Remove the condition: sub and aud identify the caller.',
  };
}

function onlyAwsKnows({ key, operator, wanted }: Miss): Cause {
  return {
    id: 'condition-unknown',
    summary: 'The policy tests something about the request that the token does not tell.',
    evidence: `"${key}" under ${operator} must be ${list(wanted)}.`,
    remedy: `Compare it with the request in CloudTrail, or give its value: --context ${key}=VALUE.`,
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
  const [value = ''] = actual ?? [];
  const cased = wanted.find((one) => one.toLowerCase() === value.toLowerCase());
  if (cased !== undefined && actual !== undefined) {
    return {
      id: 'condition-case',
      summary: 'The policy spells the value with other upper or lower case.',
      evidence: `"${key}" must be "${cased}" under ${operator}; the token has "${value}".`,
      remedy: `IAM compares letter by letter: write "${value}".`,
    };
  }
  const who = isRequestKey(key) ? 'the request' : 'the token';
  const has = actual === undefined ? 'nothing of that name' : list(actual);
  return {
    id: actual === undefined ? 'claim-absent' : 'condition-value',
    summary: `The condition on "${key}" is not met.`,
    evidence: `It must be ${list(wanted)} under ${operator}; ${who} has ${has}${note === undefined ? '' : ` (${note})`}.`,
    remedy: 'Correct the value in the policy if this job is meant to have the role.',
  };
}

/** Would the values match if the operator took wildcards, which it does not? */
function hasDeadWildcard({ operator, key, wanted, actual = [] }: Miss): boolean {
  const { claim } = partsOf(key);
  const [value = ''] = actual;
  return (
    /equals/i.test(operator) &&
    wanted.some((text) => /[*?]/.test(text) && (claim === 'aud' || isLike(value, [{ text, literal: false }])))
  );
}

function list(values: readonly string[] | undefined): string {
  return (values ?? []).map((value) => `"${value}"`).join(' or ') || 'nothing';
}
