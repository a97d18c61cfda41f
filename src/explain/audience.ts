import type { Cause } from '../errors.ts';
import { audiencesOf, textClaim } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';
import type { Situation } from './situation.ts';

/**
 * Why the token's audience is not the one wanted.
 *
 * @param wanted what a policy asks for; the issuer's own address where nobody knows
 */
export function audienceCause(situation: Situation, wanted: readonly string[] = []): Cause {
  const { claims } = situation;
  const audiences = audiencesOf(claims);
  const expected = wanted[0] ?? textClaim(claims, 'iss') ?? '';
  const [audience = ''] = audiences;
  const asked = wanted.length > 0 ? `; the policy wants ${quoted(wanted)}` : '';
  if (audiences.length === 0) {
    return {
      id: 'audience-missing',
      summary: 'The token has no audience.',
      evidence: 'It lacks the claim "aud", as the old CI_JOB_JWT did.',
      remedy: `Declare the token under "id_tokens" with aud "${expected}".`,
    };
  }
  if (audiences.length > 1) {
    return {
      id: 'audience-array',
      summary: 'The token has several audiences.',
      evidence: `The token's aud is the list ${quoted(audiences)}${asked}.`,
      remedy: `Declare a token of its own for AWS, with the one aud "${expected}".`,
    };
  }
  const [id, what] = difference(audience, expected);
  if (id === 'audience-not-registered') return notRegistered(audience, situation);
  return {
    id,
    summary: "The token's audience is not the one that AWS expects.",
    evidence: `The token's aud is "${audience}", ${what}${asked}.`,
    remedy:
      `Declare the token with aud "${expected}" (input "audience"), or put "${audience}" among the client ids of ` +
      'the IAM provider and into the policy. They are compared letter by letter.',
  };
}

/** The token is as it should be; the provider is not. */
function notRegistered(audience: string, { claims, role }: Situation): Cause {
  const provider = `arn:${role.partition}:iam::${role.account}:oidc-provider/${providerName(textClaim(claims, 'iss') ?? '')}`;
  return {
    id: 'audience-not-registered',
    summary: "The token's audience is not among the client IDs of the IAM identity provider.",
    evidence: `The token's aud is "${audience}", the issuer's own address: the provider lacks it.`,
    // somebody will paste it into a shell
    remedy: /[^\w:/.@-]/.test(provider + audience)
      ? 'Add it to the client IDs of the provider.'
      : `Add it: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${provider} --client-id ${audience}`,
  };
}

function difference(audience: string, expected: string): readonly [id: string, what: string] {
  const bare = (text: string) => text.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  if (audience === expected) {
    return ['audience-not-registered', "the issuer's own address, which the provider does not have"];
  }
  if (bare(audience) === bare(expected)) {
    return audience.replace(/\/+$/, '') === expected.replace(/\/+$/, '')
      ? ['audience-trailing-slash', `${audience.endsWith('/') ? 'with' : 'without'} a trailing slash`]
      : ['audience-scheme', `${audience.includes('://') ? 'with another scheme' : 'without "https://"'}`];
  }
  if (audience.toLowerCase() === expected.toLowerCase()) {
    return ['audience-case', 'the same in other upper and lower case'];
  }
  return ['audience-other', `another than "${expected}"`];
}

function quoted(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(', ');
}
