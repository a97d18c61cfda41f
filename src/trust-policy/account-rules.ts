import { isReference, parseProviderArn } from '../identity/issuer.ts';
import type { TrustPolicy } from './policy.ts';
import type { IdentityProvider } from './provider.ts';
import { type AccountHit, lookAlikeHits } from './provider-rules.ts';
import { isAboutWebIdentity } from './web-identity.ts';

/**
 * Finds risks in a trust policy that only show in its account: providers that another account has, that do not exist,
 * or whose names resemble those of well-known issuers.
 *
 * @param providers the providers of the account; undefined if they are unknown
 */
export function lintInAccount(
  policy: TrustPolicy,
  account: string,
  providers: readonly IdentityProvider[] | undefined,
): readonly AccountHit[] {
  return trustedProviders(policy).flatMap(({ arn, name, account: theirs }) => {
    if (theirs !== account) return [...lookAlikeHits(name), otherAccount(arn, theirs, account)];
    const isMissing = providers !== undefined && !providers.some((one) => isSame(one.name, name));
    return [...lookAlikeHits(name), ...(isMissing ? [missing(arn, name)] : [])];
  });
}

/** The providers in the Allow statements of a policy, each once. */
export function trustedProviders({ statements }: TrustPolicy) {
  const allowing = statements.filter((one) => one.effect === 'Allow' && isAboutWebIdentity(one));
  const arns = new Set(allowing.flatMap(({ principals }) => principals.federated));
  return [...arns].flatMap((arn) => {
    const parsed = isReference(arn) ? undefined : parseProviderArn(arn);
    return parsed === undefined ? [] : [{ arn, ...parsed }];
  });
}

/** Names of providers: hosts are not case-sensitive. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html */
function otherAccount(arn: string, theirs: string, own: string): AccountHit {
  return {
    rule: 'provider-other-account',
    detail: `"${arn}"`,
    reason: `STS uses the provider in the role's account, not the one in ${theirs === '' ? 'an account without ID' : theirs}: no token can assume the role.`,
    fix: `Write the ARN of a provider in account ${own}, or delete the statement.`,
  };
}

function missing(arn: string, name: string): AccountHit {
  return {
    rule: 'provider-missing',
    detail: `"${arn}" does not exist`,
    reason:
      'No token can assume the role now, but every matching token can as soon as somebody creates the provider.',
    fix: `Delete the role or the statement, or create the provider for ${name}.`,
  };
}
