import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { parseProviderArn, providerName } from '../identity/issuer.ts';
import type { Situation } from './situation.ts';

/** Whom a statement names. */
export interface Principals {
  readonly federated: readonly string[];
  /** Accounts, roles, users and services. */
  readonly others: readonly string[];
}

/** Why none of the principals of a statement is the provider of the token. */
export function principalCause({ federated, others }: Principals, situation: Situation): Cause {
  const { claims, role } = situation;
  const issuer = textClaim(claims, 'iss') ?? '';
  const name = providerName(issuer);
  const named = [...federated, ...others].map((arn) => `"${arn}"`).join(', ') || 'nobody';
  const [id, summary] = difference(federated, name, role);
  return {
    id,
    summary,
    evidence: `The policy names ${named}; the token's iss is "${issuer}".`,
    remedy: `The principal for this token is {"Federated": "arn:${role.partition}:iam::${role.account}:oidc-provider/${name}"}; the provider must exist under exactly that name.`,
  };
}

function difference(
  federated: readonly string[],
  name: string,
  { account, partition }: Situation['role'],
): readonly [id: string, summary: string] {
  const [first] = federated;
  if (first === undefined) {
    return [
      'principal-kind',
      'The statement is not about identity providers: its principal is of another kind.',
    ];
  }
  const malformed = federated.map((arn) => spelledWrong(arn, name)).find((one) => one !== undefined);
  if (malformed !== undefined) return malformed;
  const providers = federated.flatMap((arn) => parseProviderArn(arn) ?? []);
  const same = providers.find((provider) => provider.name === name);
  if (same !== undefined && same.partition !== partition) {
    return [
      'partition',
      `The policy names a provider in the partition ${same.partition}, the role is in ${partition}.`,
    ];
  }
  if (same !== undefined && same.account !== account) {
    return [
      'provider-other-account',
      `The policy names the provider of account ${same.account}, the role is in ${account}.`,
    ];
  }
  if (providers.some((provider) => looksLike(provider.name, name))) {
    return ['issuer-look-alike', 'The policy names a provider whose name only looks like this issuer.'];
  }
  for (const { name: other } of providers) {
    const spelled = spelling(name, other);
    if (spelled !== undefined) return spelled;
  }
  return ['issuer-other', 'The policy names the provider of another issuer.'];
}

/** A principal that is no OpenID Connect provider of an account, or that IAM would not take. */
function spelledWrong(arn: string, name: string): readonly [id: string, summary: string] | undefined {
  if (/:saml-provider\//.test(arn)) {
    return ['principal-saml', "The policy names a SAML provider; GitLab's tokens are OpenID Connect."];
  }
  if (/[*?]/.test(arn)) {
    return [
      'principal-wildcard',
      'The policy names a provider by wildcard, which a principal does not allow.',
    ];
  }
  const [, account = ''] = /^arn:[^:]*:iam::([^:]*):/.exec(arn) ?? [];
  if (arn.startsWith('arn:') && !/^(\d{12}|\$\{.*\})$/.test(account)) {
    return [
      'principal-account',
      `The account of the provider is ${account === '' ? 'empty' : `"${account}"`}: an account has 12 digits.`,
    ];
  }
  if (!arn.startsWith('arn:') && !arn.startsWith('${')) {
    return arn.replace(/^https?:\/\//, '').replace(/\/$/, '') === name
      ? ['principal-bare-host', "The policy names the issuer's address in place of the provider's ARN."]
      : ['principal-no-arn', 'The policy names something that is no ARN of an identity provider.'];
  }
  return undefined;
}

/** Somebody may want it to be taken for the other: `gitlab.com.example.net`, `gitIab.com`. */
function looksLike(one: string, other: string): boolean {
  const [a = '', b = ''] = [one, other].map((name) => name.split(/[:/]/)[0]?.toLowerCase());
  if (a === b) return false;
  const plain = (host: string) => host.replace(/[i1|]/g, 'l').replace(/0/g, 'o').replace(/rn/g, 'm');
  return plain(a) === plain(b) || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

/** The same issuer, spelled in another way. */
function spelling(name: string, other: string): readonly [id: string, summary: string] | undefined {
  if (other.replace(/^https?:\/\//, '') === name) {
    return ['issuer-scheme', 'The name of a provider has no "https://".'];
  }
  if (other.replace(/\/$/, '') === name.replace(/\/$/, '')) {
    return ['issuer-trailing-slash', 'The name of the provider differs by a slash at its end.'];
  }
  if (other.toLowerCase() === name.toLowerCase()) {
    return ['issuer-case', 'The name of the provider has other upper or lower case.'];
  }
  const [, host, port = '', path = ''] = /^([^:/]+)(:\d+)?(\/.*)?$/.exec(name) ?? [];
  const [, otherHost, otherPort = '', otherPath = ''] = /^([^:/]+)(:\d+)?(\/.*)?$/.exec(other) ?? [];
  if (host !== otherHost) return undefined;
  if (port !== otherPort)
    return ['issuer-port', 'The name of the provider and the issuer differ in the port.'];
  return path === otherPath
    ? undefined
    : ['issuer-path', 'The name of the provider and the issuer differ in the path.'];
}
