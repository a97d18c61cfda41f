import type { Cause } from '../errors.ts';
import { audienceCause } from './audience.ts';
import { expiryCauses, notYetValid } from './clock.ts';
import { providerCauses } from './issuer.ts';
import { controlPolicy, notAuthorized } from './not-authorized.ts';
import type { Refusal, Situation } from './situation.ts';

type Explain = (situation: Situation, refusal: Refusal) => readonly Cause[];

/**
 * What each error of AssumeRoleWithWebIdentity comes from; the first row that matches counts.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 */
const explanations: readonly (readonly [code: string, message: RegExp, explain: Explain])[] = [
  ['AccessDenied', /(service|resource) control policy|explicit deny/i, () => [controlPolicy]],
  [
    'AccessDenied',
    /sts:(TagSession|SetSourceIdentity)/,
    one(
      'tag-session',
      'The token brings session tags or a source identity, and the policy does not allow these.',
      (_, { message }) => message,
      'Allow sts:TagSession (sts:SetSourceIdentity) in the trust policy beside sts:AssumeRoleWithWebIdentity.',
    ),
  ],
  ['AccessDenied', /sts:AssumeRoleWithWebIdentity|^$/, notAuthorized],
  [
    'AccessDenied',
    /sts:AssumeRole\b/,
    one(
      'chain-not-allowed',
      'The first role may not assume the next one.',
      (_, { message }) => message,
      "The first role's own policies must allow sts:AssumeRole on the next one, and the next one's trust policy must name the first, with the same external id.",
    ),
  ],
  ['InvalidIdentityToken', /No OpenIDConnect provider found/, providerCauses],
  ['InvalidIdentityToken', /Incorrect token audience/, (situation) => [audienceCause(situation)]],
  ['InvalidIdentityToken', /Missing a required claim/, (situation) => [audienceCause(situation)]],
  [
    'InvalidIdentityToken',
    /retrieve verification key/,
    one(
      'key-retrieval',
      "STS could not fetch the issuer's keys.",
      ({ claims }) =>
        `It asks ${claims.iss}/.well-known/openid-configuration and the jwks_uri named there, from the internet, for at most 5 seconds each.`,
      'Make both addresses public, without a firewall, a login or a rate limit in front of AWS, and with a complete certificate chain in order. "aws-oidc doctor" checks what can be checked from here.',
    ),
  ],
  [
    'InvalidIdentityToken',
    /thumbprint/,
    one(
      'thumbprint',
      "The issuer's certificate is not the one that the IAM provider knows.",
      ({ claims }) =>
        `The certificate of ${claims.iss} was renewed by another authority, or is of a private one.`,
      'Put the thumbprint of the last certificate that the server sends into the provider: "aws-oidc doctor" computes it.',
    ),
  ],
  [
    'InvalidIdentityToken',
    /not a valid JWT/,
    one(
      'not-a-jwt',
      'What was sent is no ID token.',
      () => 'An empty variable, a name that was not expanded, or CI_JOB_TOKEN.',
      'Declare the token under "id_tokens" in the job and pass that variable.',
    ),
  ],
  [
    'InvalidIdentityToken',
    /signature/i,
    one(
      'signature',
      "The token's signature does not fit the issuer's keys.",
      ({ claims }) =>
        `The issuer is ${claims.iss}. The token was changed or cut on its way, or the keys were renewed.`,
      'Pass the token as GitLab gives it. After a change of keys run the job again.',
    ),
  ],
  ['ExpiredTokenException', /(?:)/, expiryCauses],
  ['ExpiredToken', /(?:)/, expiryCauses],
  [
    'IDPCommunicationError',
    /(?:)/,
    one(
      'issuer-unreachable',
      'STS could not reach the issuer.',
      ({ claims }) => `The issuer is ${claims.iss}.`,
      'It must be reachable from the internet. The next try may succeed.',
    ),
  ],
  [
    'IDPRejectedClaim',
    /(?:)/,
    one(
      'claim-rejected',
      'A claim of the token was rejected, revoked or has expired.',
      (_, { message }) => message,
      'Run the job again for a new token.',
    ),
  ],
  [
    'MalformedPolicyDocument',
    /(?:)/,
    one(
      'session-policy-malformed',
      'The session policy is JSON, but no policy.',
      (_, { message }) => message,
      'Check Version, Effect, Action and Resource in the input "policy".',
    ),
  ],
  [
    'PackedPolicyTooLarge',
    /(?:)/,
    one(
      'session-policy-size',
      'The session policies are too large once STS has packed them.',
      (_, { message }) => message,
      'Shorten the input "policy", or name managed policies in "policy_arns".',
    ),
  ],
  [
    'RegionDisabledException',
    /(?:)/,
    one(
      'region-disabled',
      'STS is not active in this region for the account.',
      (_, { message }) => message,
      'Activate it under IAM, account settings, or set the input "region" to one that is active.',
    ),
  ],
  [
    'ValidationError',
    /MaxSessionDuration|1 hour session limit/,
    one(
      'duration-over-role',
      'The role allows less time than was asked for.',
      ({ durationSeconds }) => `The input "duration" is ${durationSeconds} seconds.`,
      'Lower the input "duration", or raise the role\'s maximum session duration. Chained sessions end after 3600 seconds.',
    ),
  ],
  [
    'ValidationError',
    /durationSeconds/i,
    one(
      'duration-range',
      'The duration is none that STS grants.',
      ({ durationSeconds }) => `The input "duration" is ${durationSeconds} seconds.`,
      'Set it to a number of seconds from 900 to 43200.',
    ),
  ],
  [
    'ValidationError',
    /roleSessionName/i,
    one(
      'session-name',
      'The session name has characters that STS does not take.',
      (_, { message }) => message,
      'Set the input "session_name" to 2 to 64 letters, digits or _+=,.@-.',
    ),
  ],
  [
    'ValidationError',
    /Request ARN is invalid/,
    one(
      'role-arn',
      'The ARN is no role that can be assumed.',
      (_, { message }) => message,
      'Check the input "role_arn": a variable inside it may be empty in this job.',
    ),
  ],
];

/**
 * Why STS refused, the likeliest first, from what the token says and what is known of the job.
 *
 * @returns nothing for an error that this program does not know
 */
export function explainRefusal(refusal: Refusal, situation: Situation): readonly Cause[] {
  const early = refusal.code === 'InvalidIdentityToken' ? notYetValid(situation) : [];
  const found = explanations.find(
    ([code, message]) => code === refusal.code && message.test(refusal.message),
  );
  return [...early, ...(found?.[2](situation, refusal) ?? [])];
}

/** An answer that is a refusal, and that this program cannot explain. */
export function unknownRefusal({ code, message }: Refusal): Cause {
  return {
    id: 'unknown-refusal',
    summary: 'STS refused for a reason that this program does not know.',
    evidence: `${code}${message === '' ? '' : `: ${message}`}`,
    remedy:
      'See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html and CloudTrail.',
  };
}

/** A row whose cause is always the same. */
function one(
  id: string,
  summary: string,
  evidence: (situation: Situation, refusal: Refusal) => string,
  remedy: string,
): Explain {
  return (situation, refusal) => [{ id, summary, evidence: evidence(situation, refusal), remedy }];
}
