import type { Breadth } from './breadth.ts';
import { fixedPart, hasWildcard, otherSubject, type SubjectForm } from './subject-form.ts';

/**
 * Azure DevOps: `sc://ORGANIZATION/PROJECT/SERVICE_CONNECTION`. Each organization is an issuer.
 * https://learn.microsoft.com/en-us/azure/devops/pipelines/release/configure-workload-identity
 */
export function azureDevopsSubject(issuer: string): SubjectForm {
  return { breadth, describe: (pattern) => describe(pattern, issuer), template };
}

function breadth(pattern: string): Breadth {
  if (!hasWildcard(pattern)) return 'exact';
  const parts = partsOf(pattern);
  if (parts === undefined || parts.length < 2) return 'whole-group';
  if (parts.length === 2) return parts[1] === '' ? 'whole-group' : 'projects-by-prefix';
  return parts[2] === '' ? 'any-ref-type' : 'some-refs';
}

/** Organization, project and connection, as far as they are written before the first wildcard. */
function partsOf(pattern: string): readonly string[] | undefined {
  const [, rest] = /^sc:\/\/(.*)$/s.exec(fixedPart(pattern)) ?? [];
  return rest?.split('/');
}

function describe(pattern: string, issuer: string): string {
  const [organization = '', project = '', connection] = partsOf(pattern) ?? [];
  if (organization === '') return otherSubject(pattern, issuer);
  const where = `of the Azure DevOps organization ${organization}`;
  if (!hasWildcard(pattern)) return `the service connection ${connection} in ${project} ${where}`;
  if (connection !== undefined) return `service connections in ${project} ${where}`;
  return `every service connection ${where}`;
}

function template(pattern: string): string {
  const [organization, project, connection] = partsOf(pattern) ?? [];
  const isWritten = connection !== undefined && project !== '';
  return `sc://${project === undefined ? 'ORGANIZATION' : organization}/${isWritten ? project : 'PROJECT'}/SERVICE_CONNECTION`;
}
