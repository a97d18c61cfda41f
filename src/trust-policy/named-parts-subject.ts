import type { Breadth } from './breadth.ts';
import { fixedPart, hasWildcard, matchesAll, type SubjectForm } from './subject-form.ts';

/**
 * Services whose sub is a list of names and values, from the customer to the job:
 * `organization:ORG:project:PROJECT:workspace:WORKSPACE:run_phase:PHASE` for HCP Terraform,
 * `organization:ORG:pipeline:PIPELINE:ref:REF:commit:COMMIT:step:STEP` for Buildkite.
 * https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens
 * https://buildkite.com/docs/pipelines/security/oidc
 */
export function namedPartsSubject(issuer: string): SubjectForm {
  return { breadth, describe: (pattern) => describe(pattern, issuer), template };
}

/** The part in which the first wildcard is decides: the customer, the project, or something in it. */
function breadth(pattern: string): Breadth {
  if (!hasWildcard(pattern)) return 'exact';
  const parts = fixedPart(pattern).split(':');
  const last = parts.at(-1) ?? '';
  if (parts.length <= 2) return last === '' || parts.length === 1 ? 'anyone' : 'groups-by-prefix';
  if (parts.length > 4) return 'unknown-wildcard';
  return parts.length === 4 && last !== '' ? 'projects-by-prefix' : 'whole-group';
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
  if (/:(pipeline|ref|commit|step):/.test(pattern)) return undefined;
  return `organization:${organization ?? 'ORGANIZATION'}:project:${project ?? 'PROJECT'}:workspace:${workspace ?? 'WORKSPACE'}:run_phase:${phase ?? 'RUN_PHASE'}`;
}
