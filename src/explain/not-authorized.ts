import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { issuerKind, providerName } from '../identity/issuer.ts';
import { audienceCause } from './audience.ts';
import type { Situation } from './situation.ts';
import { suspiciousSubject } from './subject.ts';

/**
 * Many causes share this one message, and the policy is not known here: what the token makes likely. STS has
 * verified issuer, signature, audience and times before it looks at the role, so these come last, if at all.
 */
export function notAuthorized(situation: Situation): readonly Cause[] {
  const { claims } = situation;
  const issuer = textClaim(claims, 'iss') ?? '';
  const isGitlabCom = issuerKind(providerName(issuer)) === 'gitlab.com';
  const audience = audienceCause(situation);
  return [
    ...suspiciousSubject(situation),
    ...(textClaim(claims, 'ref_protected') === 'false' && isGitlabCom ? [unprotectedRef(issuer)] : []),
    ...(issuerKind(providerName(issuer)) === 'self-managed' ? [unmapped(issuer)] : []),
    ...(/registered/.test(audience.id) ? [] : [audience]),
    roleOrPolicy(situation),
  ];
}

/** The cause that is left where the token looks as usual. */
function roleOrPolicy({ claims, role }: Situation): Cause {
  const name = providerName(textClaim(claims, 'iss') ?? '');
  const sub = textClaim(claims, 'sub') ?? '';
  return {
    id: 'role-missing',
    summary: `The role does not exist in account ${role.account}, or its trust policy does not match this token.`,
    evidence: 'STS says the same for both.',
    remedy:
      `Check the role's name and account. The policy must name arn:${role.partition}:iam::${role.account}:oidc-provider/${name}, and have a condition that "${name}:sub": "${sub}" meets. ` +
      '"aws-oidc trust-policy explain" compares them.',
  };
}

export const controlPolicy: Cause = {
  id: 'control-policy',
  summary: 'A service or resource control policy of the organization denies it.',
  evidence: 'Such a policy decides before the trust policy of the role.',
  remedy: 'Ask the administrators of the AWS organization; they find the request in CloudTrail.',
};

export function unprotectedRef(issuer: string): Cause {
  const name = providerName(issuer);
  return {
    id: 'ref-not-protected',
    summary: 'The ref is not protected, and the policy may want one that is.',
    evidence: 'The token\'s ref_protected is "false".',
    remedy:
      issuerKind(name) === 'gitlab.com'
        ? `Protect the branch or tag, or run the job on one that is. Policies test it as "${name}:ref_protected".`
        : 'Protect the branch or tag, or run the job on one that is.',
  };
}

function unmapped(issuer: string): Cause {
  return {
    id: 'condition-not-mapped',
    summary: 'The policy may test a claim that AWS does not map for this issuer.',
    evidence: `The issuer is ${issuer}, not gitlab.com: AWS knows only sub and aud of its tokens.`,
    remedy:
      'Remove every other condition key with its prefix from the policy; such a condition is never met. What must be tested belongs in the sub: ci_id_token_sub_claim_components can add ref_protected or environment to it.',
  };
}
