import type { Breadth } from './breadth.ts';
import { fixedPart, hasWildcard, matchesAll, otherSubject, type SubjectForm } from './subject-form.ts';

/**
 * Kubernetes, for example Amazon EKS: `system:serviceaccount:NAMESPACE:NAME`. Each cluster is an issuer.
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
export function kubernetesSubject(issuer: string): SubjectForm {
  return { breadth, describe: (pattern) => describe(pattern, issuer), template };
}

const start = 'system:serviceaccount:';

/** Anyone who can create a service account, or a namespace, chooses its name. */
function breadth(pattern: string): Breadth {
  if (!hasWildcard(pattern)) return 'exact';
  const fixed = fixedPart(pattern);
  if (start.startsWith(fixed)) return 'any-service-account';
  if (!fixed.startsWith(start)) return 'unknown-wildcard';
  return fixed.slice(start.length).includes(':') ? 'whole-namespace' : 'any-service-account';
}

function describe(pattern: string, issuer: string): string {
  const cluster = clusterInWords(issuer);
  const [, namespace, name] = /^system:serviceaccount:([^:]*):([^:]*)$/s.exec(pattern) ?? [];
  if (namespace === undefined || name === undefined) {
    if (breadth(pattern) !== 'any-service-account') return otherSubject(pattern, issuer);
    const fixed = fixedPart(pattern).slice(start.length);
    return `any service account ${fixed === '' ? '' : `in a namespace that begins with "${fixed}" `}of ${cluster}`;
  }
  if (!hasWildcard(namespace + name)) return `the service account ${namespace}/${name} of ${cluster}`;
  const which = matchesAll(name) ? '' : ` ${hasWildcard(name) ? `that matches "${name}"` : `named ${name}`}`;
  return `any service account${which} in ${namespacesInWords(namespace)} of ${cluster}`;
}

function namespacesInWords(namespace: string): string {
  if (!hasWildcard(namespace)) return `the namespace ${namespace}`;
  return matchesAll(namespace) ? 'any namespace' : `a namespace that matches "${namespace}"`;
}

/** https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html */
function clusterInWords(issuer: string): string {
  const [, region, id] = /^oidc\.eks(?:-fips)?\.([\w-]+)\.[\w.]+\/id\/(\w+)$/.exec(issuer) ?? [];
  return id === undefined ? `the cluster ${issuer}` : `the EKS cluster ${id} in ${region}`;
}

function template(pattern: string): string | undefined {
  const fixed = fixedPart(pattern);
  if (!hasWildcard(pattern) || !(start.startsWith(fixed) || fixed.startsWith(start))) return undefined;
  const [, namespace, name] = /^system:serviceaccount:([^:*?]+)(?::([^:*?]+)$|:|$)?/.exec(pattern) ?? [];
  const isWhole = namespace !== undefined && pattern.startsWith(`${start}${namespace}:`);
  return `${start}${isWhole ? namespace : 'NAMESPACE'}:${name ?? 'SERVICE_ACCOUNT'}`;
}
