import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { type ProviderArn, parseProviderArn, providerName } from '../identity/issuer.ts';
import type { Situation } from './situation.ts';

/** The principals of a statement. */
export interface Principals {
  readonly federated: readonly string[];
  /** Accounts, roles, users and services. */
  readonly others: readonly string[];
}

/** Explains why no principal of a statement is the token's provider. */
export function principalCause({ federated, others }: Principals, situation: Situation): Cause {
  const { claims, role } = situation;
  const issuer = textClaim(claims, 'iss') ?? '';
  const name = providerName(issuer);
  const named = [...federated, ...others].map((arn) => `"${arn}"`).join(', ') || 'no principal';
  const [id, summary] = difference(federated, name, role);
  return {
    id,
    summary,
    evidence: `The policy names ${named}; the token's iss is "${issuer}".`,
    remedy: `Use the principal {"Federated": "arn:${role.partition}:iam::${role.account}:oidc-provider/${name}"}, and check that this provider exists.`,
  };
}

type Difference = readonly [id: string, summary: string];

function difference(federated: readonly string[], name: string, role: Situation['role']): Difference {
  if (federated.length === 0) {
    return ['principal-kind', "The statement's principal is not an identity provider."];
  }
  const providers = federated.flatMap((arn) => parseProviderArn(arn) ?? []);
  const same = providers.find((provider) => provider.name === name);
  return (
    first(federated, (arn) => malformed(arn, name)) ??
    (same && elsewhere(same, role)) ??
    first(providers, (provider) => lookAlike(provider.name, name)) ??
    first(providers, (provider) => spelling(name, provider.name)) ?? [
      'issuer-other',
      'The policy names the provider of another issuer.',
    ]
  );
}

function first<T>(list: readonly T[], find: (one: T) => Difference | undefined): Difference | undefined {
  return list.map(find).find((one) => one !== undefined);
}

/** The right issuer, but in another account or partition than the role. */
function elsewhere(provider: ProviderArn, { account, partition }: Situation['role']): Difference | undefined {
  if (provider.partition !== partition) {
    return [
      'partition',
      `The policy names a provider in the partition ${provider.partition}, but the role is in ${partition}.`,
    ];
  }
  if (provider.account === account) return undefined;
  return [
    'provider-other-account',
    `The policy names a provider in account ${provider.account}, but the role is in account ${account}.`,
  ];
}

/** A principal that is not the ARN of an OpenID Connect provider, or that IAM does not accept. */
function malformed(arn: string, name: string): Difference | undefined {
  if (/:saml-provider\//.test(arn)) {
    return ['principal-saml', 'The policy names a SAML provider; GitLab uses OpenID Connect.'];
  }
  if (/[*?]/.test(arn)) {
    return ['principal-wildcard', "The provider's ARN has a wildcard, which IAM does not allow."];
  }
  const [, account = ''] = /^arn:[^:]*:iam::([^:]*):/.exec(arn) ?? [];
  if (arn.startsWith('arn:') && !/^(\d{12}|\$\{.*\})$/.test(account)) {
    return [
      'principal-account',
      `The provider's ARN has ${account === '' ? 'no account ID' : `the account ID "${account}"`}: an account ID has 12 digits.`,
    ];
  }
  if (!arn.startsWith('arn:') && !arn.startsWith('${')) {
    return arn.replace(/^https?:\/\//, '').replace(/\/$/, '') === name
      ? ['principal-bare-host', "The policy names the issuer's address instead of the provider's ARN."]
      : ['principal-no-arn', 'The principal is not the ARN of an identity provider.'];
  }
  return undefined;
}

/** A name that an attacker may have chosen to resemble the issuer's: `gitlab.com.example.net`, `gitIab.com`. */
function lookAlike(one: string, other: string): Difference | undefined {
  const [a = '', b = ''] = [one, other].map((name) => name.split(/[:/]/)[0]?.toLowerCase());
  const plain = (host: string) => host.replace(/[i1|]/g, 'l').replace(/0/g, 'o').replace(/rn/g, 'm');
  const isLookAlike = plain(a) === plain(b) || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
  return a !== b && isLookAlike
    ? ['issuer-look-alike', "The policy names a provider whose name only looks like this issuer's."]
    : undefined;
}

/** The same issuer, spelled differently. */
function spelling(name: string, other: string): Difference | undefined {
  if (other.replace(/^https?:\/\//, '') === name) {
    return ['issuer-scheme', 'The provider\'s ARN must not contain "https://".'];
  }
  if (other.replace(/\/$/, '') === name.replace(/\/$/, '')) {
    return ['issuer-trailing-slash', "The provider's name differs from the issuer in a trailing slash."];
  }
  if (other.toLowerCase() === name.toLowerCase()) {
    return ['issuer-case', "The provider's name differs from the issuer in upper or lower case."];
  }
  const [, host, port = '', path = ''] = /^([^:/]+)(:\d+)?(\/.*)?$/.exec(name) ?? [];
  const [, otherHost, otherPort = '', otherPath = ''] = /^([^:/]+)(:\d+)?(\/.*)?$/.exec(other) ?? [];
  if (host !== otherHost) return undefined;
  if (port !== otherPort) return ['issuer-port', "The provider's name differs from the issuer in the port."];
  return path === otherPath
    ? undefined
    : ['issuer-path', "The provider's name differs from the issuer in the path."];
}
