import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { parseProviderArn, providerName } from '../identity/issuer.ts';
import type { Situation } from './situation.ts';

/** Why none of the principals of a statement is the provider of the token. */
export function principalCause(federated: readonly string[], situation: Situation): Cause {
  const { claims, role } = situation;
  const issuer = textClaim(claims, 'iss') ?? '';
  const name = providerName(issuer);
  const named = federated.map((arn) => `"${arn}"`).join(', ') || 'no identity provider';
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
  if (first === undefined) return ['principal-kind', 'The statement is not about identity providers.'];
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
  for (const { name: other } of providers) {
    const spelled = spelling(name, other);
    if (spelled !== undefined) return spelled;
  }
  return ['issuer-other', 'The policy names the provider of another issuer.'];
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
