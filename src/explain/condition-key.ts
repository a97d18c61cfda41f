import type { Cause } from '../errors.ts';
import { isMapped, mappedClaimsOf } from '../identity/claim-condition-keys.ts';
import { issuerKind } from '../identity/issuer.ts';
import { isRequestKey, presenceOf, splitConditionKey } from '../identity/request-key.ts';
import { type Miss, quotedList } from './miss.ts';

/**
 * Explains a condition key that a token of this issuer never has, whatever the value.
 *
 * @param provider the issuer without its scheme
 * @returns undefined if the key is not the problem
 */
export function keyMistake(miss: Miss, provider: string): Cause | undefined {
  if (isRequestKey(miss.key)) {
    if (presenceOf(miss.key) === 'never') return neverPresent(miss);
    return miss.actual === undefined ? onlyAwsKnows(miss) : undefined;
  }
  const { prefix, claim } = splitConditionKey(miss.key);
  if (prefix.toLowerCase() !== provider.toLowerCase()) return foreignKey(miss, provider);
  return isMapped(provider, claim) === false ? notMapped(miss, provider) : undefined;
}

function foreignKey({ key }: Miss, provider: string): Cause {
  const { prefix, claim } = splitConditionKey(key);
  const why =
    prefix === ''
      ? `The policy tests "${key}", without the issuer's name as its prefix`
      : prefix.replace(/^https?:\/\//, '').replace(/\/$/, '') === provider
        ? `The policy tests "${key}", whose prefix has an extra "https://" or trailing slash`
        : `The policy tests "${key}"`;
  return {
    id: 'condition-foreign-key',
    summary: "The prefix of a condition key is not the name of this token's issuer.",
    evidence: `${why}; keys for this token begin with "${provider}:".`,
    remedy: `Write "${provider}:${claim}".`,
  };
}

function notMapped({ key }: Miss, provider: string): Cause {
  const kind = issuerKind(provider);
  const where =
    kind === 'gitlab.com' || kind === 'self-managed'
      ? 'By default, the sub names the project and the ref; ci_id_token_sub_claim_components can add other claims.'
      : '';
  return {
    id: 'condition-not-mapped',
    summary: 'The policy tests a claim for which AWS has no condition key.',
    evidence: `"${key}" is not a condition key, even if the token has the claim. AWS has keys for these claims of the issuer: ${mappedClaimsOf(provider).join(', ')}.`,
    remedy:
      `Replace the condition with one that requires the exact value of "${provider}:sub". ${where}`.trim(),
  };
}

function neverPresent({ key }: Miss): Cause {
  return {
    id: 'condition-never-present',
    summary: 'The policy tests a key that an AssumeRoleWithWebIdentity request never has.',
    evidence: /externalid/i.test(key)
      ? `"${key}" is a parameter of AssumeRole only.`
      : `"${key}" describes an AWS principal or service. A caller with only an ID token is neither.`,
    remedy: 'Remove the condition: sub and aud identify the caller.',
  };
}

function onlyAwsKnows({ key, operator, wanted }: Miss): Cause {
  return {
    id: 'condition-unknown',
    summary: 'The policy tests a value of the request that is not in the token.',
    evidence: `"${key}" under ${operator} must be ${quotedList(wanted)}.`,
    remedy: supplyValue(key),
  };
}

/** What to do about a value that only AWS knows. */
export function supplyValue(key: string): string {
  return `Look it up in the CloudTrail event, or supply it: --context ${key}=VALUE.`;
}
