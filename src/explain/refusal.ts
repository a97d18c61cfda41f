import type { Cause } from '../errors.ts';
import { audienceCause } from './audience-cause.ts';
import { expiryCauses, notYetValid } from './clock-causes.ts';
import { controlPolicy, notAuthorized } from './not-authorized-causes.ts';
import { providerCauses } from './provider-causes.ts';
import {
  chainNotAllowed,
  claimRejected,
  durationOverRole,
  durationRange,
  type Explain,
  issuerUnreachable,
  keyRetrieval,
  notJwt,
  regionDisabled,
  roleArn,
  sessionName,
  sessionPolicyMalformed,
  sessionPolicySize,
  signature,
  tagSession,
  thumbprint,
} from './refusal-causes.ts';
import type { Refusal, Situation } from './situation.ts';

const deniedByOrganization: Explain = () => [controlPolicy];
const wrongAudience: Explain = (situation) => [audienceCause(situation)];

/**
 * The errors of AssumeRoleWithWebIdentity and how to explain them; the first matching row counts.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 */
const explanations: readonly (readonly [code: string, message: RegExp, explain: Explain])[] = [
  ['AccessDenied', /(service|resource) control policy|explicit deny/i, deniedByOrganization],
  ['AccessDenied', /sts:(TagSession|SetSourceIdentity)/, tagSession],
  ['AccessDenied', /sts:AssumeRoleWithWebIdentity|^$/, notAuthorized],
  ['AccessDenied', /sts:AssumeRole\b/, chainNotAllowed],
  ['InvalidIdentityToken', /No OpenIDConnect provider found/, providerCauses],
  ['InvalidIdentityToken', /Incorrect token audience/, wrongAudience],
  ['InvalidIdentityToken', /Missing a required claim/, wrongAudience],
  ['InvalidIdentityToken', /retrieve verification key/, keyRetrieval],
  ['InvalidIdentityToken', /thumbprint/, thumbprint],
  ['InvalidIdentityToken', /not a valid JWT/, notJwt],
  ['InvalidIdentityToken', /signature/i, signature],
  ['ExpiredTokenException', /(?:)/, expiryCauses],
  ['ExpiredToken', /(?:)/, expiryCauses],
  ['IDPCommunicationError', /(?:)/, issuerUnreachable],
  ['IDPRejectedClaim', /(?:)/, claimRejected],
  ['MalformedPolicyDocument', /(?:)/, sessionPolicyMalformed],
  ['PackedPolicyTooLarge', /(?:)/, sessionPolicySize],
  ['RegionDisabledException', /(?:)/, regionDisabled],
  ['ValidationError', /MaxSessionDuration|1 hour session limit/, durationOverRole],
  ['ValidationError', /durationSeconds/i, durationRange],
  ['ValidationError', /roleSessionName/i, sessionName],
  ['ValidationError', /Request ARN is invalid/, roleArn],
];

/**
 * Explains an error of STS from the token's claims and the facts of the job, most likely cause first.
 *
 * @returns nothing for an unknown error
 */
export function explainRefusal(refusal: Refusal, situation: Situation): readonly Cause[] {
  const early = refusal.code === 'InvalidIdentityToken' ? notYetValid(situation) : [];
  const found = explanations.find(
    ([code, message]) => code === refusal.code && message.test(refusal.message),
  );
  return [...early, ...(found?.[2](situation, refusal) ?? [])];
}

/** Reports an error that this program cannot explain. */
export function unknownRefusal({ code, message }: Refusal): Cause {
  return {
    id: 'unknown-refusal',
    summary: 'STS returned an error that aws-oidc does not recognize.',
    evidence: `${code}${message === '' ? '' : `: ${message}`}`,
    remedy:
      'See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html and CloudTrail.',
  };
}
