/** What GitLab's `sub` says, in its usual form. */
export interface Subject {
  readonly projectPath: string;
  readonly refType: string;
  readonly ref: string;
}

/**
 * Reads `project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF`; undefined for every other form. Works on the
 * patterns of a policy, too, as long as their wildcards leave the three names standing.
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
 */
export function parseSubject(sub: string): Subject | undefined {
  const [, projectPath, refType, ref] = /^project_path:([^:]*):ref_type:([^:]*):ref:(.*)$/s.exec(sub) ?? [];
  if (projectPath === undefined || refType === undefined || ref === undefined) return undefined;
  return { projectPath, refType, ref };
}

/** What a `sub` says, in words. */
export function describeSubject(sub: string): string {
  const subject = parseSubject(sub);
  if (subject) return `${subject.refType} "${subject.ref}" of the project ${subject.projectPath}`;
  const [, organization, project, user] = /^org\/([^/]+)\/project\/([^/]+)\/user\/([^/]+)/.exec(sub) ?? [];
  if (project !== undefined) return `project ${project} of the organization ${organization}, user ${user}`;
  const parts = [...sub.matchAll(/(?:^|:)(\w+):([^:]*)/g)].map(([, name, value]) => `${name} "${value}"`);
  return parts.length > 0
    ? `${parts.join(', ')} (not GitLab's usual form)`
    : 'nothing that this program knows';
}
