import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { issuerKind, providerName } from '../identity/issuer.ts';
import type { Situation } from './situation.ts';

/** Why an account has no provider for the token's issuer; the likeliest first. */
export function providerCauses({ claims, role }: Situation): readonly Cause[] {
  const issuer = textClaim(claims, 'iss') ?? '';
  const name = providerName(issuer);
  const evidence = (what: string) => `The token's iss is "${issuer}", ${what}.`;
  const exactly = `Create the IAM identity provider in account ${role.account} with the URL "${issuer}", to the letter.`;
  const causes: Cause[] = [];
  if (issuer.startsWith('http:')) {
    causes.push({
      id: 'issuer-http',
      summary: 'AWS takes issuers over https only.',
      evidence: evidence('without TLS'),
      remedy: `Set GitLab's external_url to "https://${name}".`,
    });
  }
  if (/^[^/]*:\d+/.test(name)) {
    causes.push({
      id: 'issuer-port',
      summary: 'The issuer has a port in its address, and the provider has to match it.',
      evidence: evidence('with a port'),
      remedy: `AWS advises against ports: serve GitLab on 443 and take the port out of its external_url. Otherwise: ${exactly}`,
    });
  }
  if (issuer.endsWith('/')) {
    causes.push({
      id: 'issuer-trailing-slash',
      summary: 'The issuer ends with a slash, which the provider must have, too.',
      evidence: evidence('with a trailing slash'),
      remedy: exactly,
    });
  } else if (name.includes('/') && issuerKind(name) !== 'circleci') {
    causes.push({
      id: 'issuer-path',
      summary: 'The issuer has a path, and the provider has to match it.',
      evidence: evidence('with a path'),
      remedy: exactly,
    });
  }
  if (role.partition !== 'aws') {
    causes.push({
      id: 'partition',
      summary: `Providers of other partitions do not count in ${role.partition}.`,
      evidence: `The role's partition is "${role.partition}".`,
      remedy: exactly,
    });
  }
  const kind = issuerKind(name) === 'self-managed' ? 'an instance of your own' : 'a public issuer';
  return [
    ...causes,
    {
      id: 'provider-missing',
      summary: `Account ${role.account} has no identity provider for this issuer.`,
      evidence: evidence(kind),
      remedy: `Check that the account is the one you mean. ${exactly}`,
    },
  ];
}
