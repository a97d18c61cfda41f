import type { Cause } from '../errors.ts';
import { audiencesOf, textClaim } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';
import type { Situation } from './situation.ts';

/**
 * Explains why the token's audience does not match.
 *
 * @param accepted the audiences that a policy accepts; without them, the issuer's own address is expected
 */
export function audienceCause(situation: Situation, accepted: readonly string[] = []): Cause {
  const { claims } = situation;
  const audiences = audiencesOf(claims);
  const expected = accepted[0] ?? textClaim(claims, 'iss') ?? '';
  const [audience = ''] = audiences;
  const byPolicy = accepted.length > 0 ? `; the policy expects ${quoted(accepted)}` : '';
  if (audiences.length === 0) {
    return {
      id: 'audience-missing',
      summary: 'The token has no audience.',
      evidence: 'It has no "aud" claim, like the old CI_JOB_JWT.',
      remedy: `Declare the token under "id_tokens" with aud "${expected}".`,
    };
  }
  if (audiences.length > 1) {
    return {
      id: 'audience-array',
      summary: 'The token has several audiences.',
      evidence: `The token's aud is the list ${quoted(audiences)}${byPolicy}.`,
      remedy: `Declare a separate token for AWS, with the single aud "${expected}".`,
    };
  }
  if (audience === expected) return notRegistered(audience, situation);
  const [id, what] = difference(audience, expected);
  return {
    id,
    summary: "The token's audience is not the one that AWS expects.",
    evidence: `The token's aud is "${audience}", ${what}${byPolicy}.`,
    remedy:
      `Declare the token with aud "${expected}" (input "audience"), or add "${audience}" to the client IDs of ` +
      'the IAM identity provider and to the policy. They must match exactly.',
  };
}

/** The token has the usual audience, so the identity provider lacks it. */
function notRegistered(audience: string, { claims, role }: Situation): Cause {
  const provider = `arn:${role.partition}:iam::${role.account}:oidc-provider/${providerName(textClaim(claims, 'iss') ?? '')}`;
  return {
    id: 'audience-not-registered',
    summary: "The token's audience is not among the client IDs of the IAM identity provider.",
    evidence: `The token's aud is "${audience}", the issuer's own address; the provider does not list it.`,
    // users paste the command into a shell
    remedy: /[^\w:/.@-]/.test(provider + audience)
      ? 'Add it to the client IDs of the provider.'
      : `Add it: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${provider} --client-id ${audience}`,
  };
}

function difference(audience: string, expected: string): readonly [id: string, what: string] {
  const bare = (text: string) => text.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  if (bare(audience) === bare(expected)) {
    return audience.replace(/\/+$/, '') === expected.replace(/\/+$/, '')
      ? ['audience-trailing-slash', `${audience.endsWith('/') ? 'with' : 'without'} a trailing slash`]
      : ['audience-scheme', `${audience.includes('://') ? 'with a different scheme' : 'without "https://"'}`];
  }
  if (audience.toLowerCase() === expected.toLowerCase()) {
    return ['audience-case', 'with different upper and lower case'];
  }
  return ['audience-other', `not "${expected}"`];
}

function quoted(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(', ');
}
