import { isReference, parseProviderArn } from '../identity/issuer.ts';
import type { Statement, TrustPolicy } from './policy.ts';
import type { IdentityProvider } from './provider.ts';
import { type AccountHit, lookAlikeHits } from './provider-rules.ts';
import { prepare, requiresKey } from './rule.ts';
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
    const existing = providers?.find((one) => isSame(one.name, name));
    if (existing !== undefined) return [...lookAlikeHits(name), ...audienceHits(policy, existing)];
    return [...lookAlikeHits(name), ...(providers === undefined ? [] : [missing(arn, name)])];
  });
}

/**
 * A statement that pins audiences of which the provider has none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 */
function audienceHits({ statements }: TrustPolicy, provider: IdentityProvider): readonly AccountHit[] {
  const { name, audiences } = provider;
  if (audiences === undefined) return [];
  return statements.filter(allowsTokens).flatMap((statement) => {
    const { conditions } = prepare(statement);
    const exact = conditions.filter(
      (one) =>
        one.claim === 'aud' && isSame(one.prefix, name) && /^stringequals$/i.test(one.operator?.base ?? ''),
    );
    const excluded = exact
      .filter(requiresKey)
      .find(({ condition: { values } }) => values.every((one) => !audiences.includes(one)));
    return excluded === undefined ? [] : [audienceMissing(excluded.condition.values, name)];
  });
}

function audienceMissing(values: readonly string[], name: string): AccountHit {
  const list = values.map((value) => `"${value}"`).join(', ');
  return {
    rule: 'audience-not-in-provider',
    detail: `${list} is not a client ID of the provider ${name}`,
    reason:
      'AWS rejects tokens whose audience is not a client ID of the provider: no token can assume the role.',
    fix: 'Pin an audience of the provider, or add this one: aws iam add-client-id-to-open-id-connect-provider.',
  };
}

/** The providers in the Allow statements of a policy, each once. */
export function trustedProviders({ statements }: TrustPolicy) {
  const allowing = statements.filter(allowsTokens);
  const arns = new Set(allowing.flatMap(({ principals }) => principals.federated));
  return [...arns].flatMap((arn) => {
    const parsed = isReference(arn) ? undefined : parseProviderArn(arn);
    return parsed === undefined ? [] : [{ arn, ...parsed }];
  });
}

function allowsTokens(statement: Statement): boolean {
  return statement.effect === 'Allow' && isAboutWebIdentity(statement);
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
