import { type IssuerKind, issuerKind } from './issuer.ts';

/**
 * The claims for which AWS has condition keys; undefined if this is unknown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
const mappedClaims: Readonly<Record<IssuerKind, readonly string[] | undefined>> = {
  'gitlab.com': [
    'sub',
    'aud',
    'amr',
    'namespace_id',
    'project_id',
    'user_id',
    'user_login',
    'user_email',
    'user_access_level',
    'ref_protected',
    'pipeline_source',
    'runner_environment',
  ],
  circleci: ['sub', 'aud', 'amr', 'oidc.circleci.com/project-id'],
  'other-service': undefined,
  'self-managed': ['sub', 'aud', 'amr'],
};

/** Does AWS have a condition key for this claim of the issuer? Undefined if this is unknown. */
export function isMapped(name: string, claim: string): boolean | undefined {
  const lower = claim.toLowerCase();
  return mappedClaims[issuerKind(name)]?.includes(lower);
}

/** The claims of an issuer that a policy can test. */
export function mappedClaimsOf(name: string): readonly string[] {
  return mappedClaims[issuerKind(name)] ?? ['sub', 'aud'];
}
