import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { issuerKind, providerName } from '../identity/issuer.ts';
import { audienceCause } from './audience-cause.ts';
import type { Situation } from './situation.ts';
import { suspiciousSubject } from './subject-causes.ts';

/**
 * Explains the one message that many causes share, when the policy is unknown: the causes that the token makes
 * likely. STS verifies issuer, signature, audience and times before the role, so the audience comes late, if at all.
 */
export function notAuthorized(situation: Situation): readonly Cause[] {
  const { claims } = situation;
  const issuer = textClaim(claims, 'iss') ?? '';
  const kind = issuerKind(providerName(issuer));
  const audience = audienceCause(situation);
  return [
    ...suspiciousSubject(situation),
    ...(textClaim(claims, 'ref_protected') === 'false' && kind === 'gitlab.com'
      ? [unprotectedRef(issuer)]
      : []),
    ...(kind === 'self-managed' ? [unmapped(issuer)] : []),
    ...(/registered/.test(audience.id) ? [] : [audience]),
    roleOrPolicy(situation),
  ];
}

/** The remaining cause, if the token looks normal. */
function roleOrPolicy({ claims, role }: Situation): Cause {
  const name = providerName(textClaim(claims, 'iss') ?? '');
  const sub = textClaim(claims, 'sub') ?? '';
  return {
    id: 'role-missing',
    summary: `The role does not exist in account ${role.account}, or its trust policy does not match this token.`,
    evidence: 'STS returns the same error for both.',
    remedy:
      `Check the role's name and account. The policy needs the principal arn:${role.partition}:iam::${role.account}:oidc-provider/${name} and a condition that matches "${name}:sub": "${sub}". ` +
      '"aws-oidc trust-policy explain" compares them.',
  };
}

export const controlPolicy: Cause = {
  id: 'control-policy',
  summary: 'A service or resource control policy of the AWS organization denies the request.',
  evidence: "Such a policy overrides the role's trust policy.",
  remedy: 'Ask the administrators of the AWS organization; they can find the request in CloudTrail.',
};

export function unprotectedRef(issuer: string): Cause {
  const name = providerName(issuer);
  const remedy = 'Protect the branch or tag, or run the job on a protected one.';
  return {
    id: 'ref-not-protected',
    summary: 'The ref is not protected, and the policy may require a protected ref.',
    evidence: 'The token\'s ref_protected is "false".',
    remedy:
      issuerKind(name) === 'gitlab.com' ? `${remedy} The condition key is "${name}:ref_protected".` : remedy,
  };
}

function unmapped(issuer: string): Cause {
  return {
    id: 'condition-not-mapped',
    summary: 'The policy may test a claim for which AWS has no condition key.',
    evidence: `The issuer is ${issuer}, not gitlab.com: AWS has condition keys only for sub and aud.`,
    remedy:
      'Remove conditions on other claims of this issuer: AWS does not see them. To test another claim, such as ref_protected, add it to the sub with ci_id_token_sub_claim_components.',
  };
}
