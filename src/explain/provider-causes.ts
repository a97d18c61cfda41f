import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { issuerKind, providerName } from '../identity/issuer.ts';
import type { Situation } from './situation.ts';

/** Explains why an account has no provider for the token's issuer, most likely cause first. */
export function providerCauses({ claims, role }: Situation): readonly Cause[] {
  const issuer = textClaim(claims, 'iss') ?? '';
  const name = providerName(issuer);
  const create = `Create the IAM identity provider in account ${role.account} with exactly the URL "${issuer}".`;
  return [
    ...addressCauses(issuer, name, create),
    ...(role.partition === 'aws' ? [] : [otherPartition(role.partition, create)]),
    {
      id: 'provider-missing',
      summary: `Account ${role.account} has no identity provider for this issuer.`,
      evidence: `The token's iss is "${issuer}", ${issuerKind(name) === 'self-managed' ? 'a self-managed instance' : 'a public issuer'}.`,
      remedy: `Check that this is the intended account. ${create}`,
    },
  ];
}

/** What is unusual about the issuer's address, and easily forgotten in the provider's URL. */
function addressCauses(issuer: string, name: string, create: string): readonly Cause[] {
  const cause = (id: string, summary: string, what: string, remedy: string): Cause => {
    return { id, summary, evidence: `The token's iss is "${issuer}", ${what}.`, remedy };
  };
  const causes: Cause[] = [];
  if (issuer.startsWith('http:')) {
    const remedy = `Set GitLab's external_url to "https://${name}".`;
    causes.push(cause('issuer-http', 'AWS accepts only https issuers.', 'without TLS', remedy));
  }
  if (/^[^/]*:\d+/.test(name)) {
    const summary = "The issuer's address has a port, so the provider's URL must have it, too.";
    const remedy = `AWS advises against ports: serve GitLab on port 443 and remove the port from external_url. Otherwise: ${create}`;
    causes.push(cause('issuer-port', summary, 'with a port', remedy));
  }
  if (issuer.endsWith('/')) {
    const summary = "The issuer's address ends with a slash, so the provider's URL must, too.";
    causes.push(cause('issuer-trailing-slash', summary, 'with a trailing slash', create));
  } else if (name.includes('/') && issuerKind(name) !== 'circleci') {
    const summary = "The issuer's address has a path, so the provider's URL must have it, too.";
    causes.push(cause('issuer-path', summary, 'with a path', create));
  }
  return causes;
}

function otherPartition(partition: string, create: string): Cause {
  return {
    id: 'partition',
    summary: `A role in the partition ${partition} cannot use a provider in another partition.`,
    evidence: `The role's partition is "${partition}".`,
    remedy: create,
  };
}
