import type { Breadth } from './breadth.ts';
import { fixedPart, hasWildcard, matchesAll, type SubjectForm } from './subject-form.ts';

/**
 * Services whose sub is a list of names and values, from the customer to the job:
 * `organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:PHASE` for HCP Terraform,
 * `organization:ORG:pipeline:PIPELINE:ref:REF:commit:COMMIT:step:STEP` for Buildkite,
 * `owner:TEAM:project:PROJECT:environment:ENVIRONMENT` for Vercel.
 * https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens
 * https://buildkite.com/docs/pipelines/security/oidc
 * https://vercel.com/docs/oidc/reference
 */
export function namedPartsSubject(issuer: string): SubjectForm {
  return { breadth, describe: (pattern) => describe(pattern, issuer), template };
}

/** The part in which the first wildcard is decides: the customer, the project, or something in it. */
function breadth(pattern: string): Breadth {
  if (!hasWildcard(pattern)) return 'exact';
  const parts = fixedPart(pattern).split(':');
  const value = parts.at(-1) ?? '';
  const name = parts.length % 2 === 0 ? parts.at(-2) : undefined;
  if (parts.length <= 2) return value === '' || parts.length === 1 ? 'anyone' : 'groups-by-prefix';
  if (name === 'ref' || name === 'environment')
    return value === '' || value === 'refs/heads/' || value === 'refs/tags/' ? 'any-ref' : 'some-refs';
  // every job has another commit and step
  if (/:(ref|environment):/.test(fixedPart(pattern))) return 'exact';
  if (parts.length > 4) return /:workspace:./.test(fixedPart(pattern)) ? 'unknown-wildcard' : 'any-ref-type';
  return parts.length === 4 && value !== '' ? 'projects-by-prefix' : 'whole-group';
}

function describe(pattern: string, issuer: string): string {
  if (breadth(pattern) === 'anyone') return `any customer of ${issuer}`;
  const parts = pattern.split(':');
  const pairs = Array.from({ length: Math.ceil(parts.length / 2) }, (_, index) => [
    parts[index * 2] ?? '',
    parts[index * 2 + 1] ?? '',
  ]);
  const known: string[] = [];
  for (const [name = '', value = ''] of pairs) {
    if (hasWildcard(name) || matchesAll(value)) break;
    known.push(hasWildcard(value) ? `${name} that matches "${value}"` : `${name} ${value}`);
    if (hasWildcard(value)) break;
  }
  return `tokens of ${issuer} for ${known.join(', ')}`;
}

/** HCP Terraform's, because every part of it is known before a run. */
function template(pattern: string): string | undefined {
  const [, organization, project, workspace, phase] =
    /^organization:([^:*?]+):(?:project:([^:*?]+):(?:workspace:([^:*?]+):(?:run_phase:(plan|apply)$)?)?)?/.exec(
      pattern,
    ) ?? [];
  if (/:(pipeline|ref|commit|step):|^owner:/.test(pattern)) return undefined;
  return `organization:${organization ?? 'ORGANIZATION'}:project:${project ?? 'PROJECT'}:workspace:${workspace ?? 'WORKSPACE'}:run_phase:${phase ?? 'RUN_PHASE'}`;
}
