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
  // a ref has no colon: what follows one is another claim, of a sub that the project composes
  const [, projectPath, refType, ref] =
    /^project_path:([^:]*):ref_type:([^:]*):ref:([^:]*)$/s.exec(sub) ?? [];
  if (projectPath === undefined || refType === undefined || ref === undefined) return undefined;
  return { projectPath, refType, ref };
}

/** Whose form of `sub` it is, where it is not GitLab's. */
export function foreignService(sub: string): string | undefined {
  if (/^(repo|repository):/.test(sub)) return 'GitHub Actions';
  if (/^\{[0-9a-f-]{36}\}/.test(sub)) return 'Bitbucket Pipelines';
  if (/^org\/[^/]+\/project\//.test(sub)) return 'CircleCI';
  return /^system:serviceaccount:/.test(sub) ? 'Kubernetes' : undefined;
}

/** The claims that a `sub` is made of, in their order: `project_path`, `ref_type`, `ref`. */
export function componentsOf(sub: string): readonly string[] {
  return [...sub.matchAll(/(?:^|:)([a-z_]+):/g)].flatMap(([, name = '']) =>
    isComponent(name) ? [name] : [],
  );
}

/** https://docs.gitlab.com/api/projects/#edit-a-project: ci_id_token_sub_claim_components; and claims that people expect */
function isComponent(name: string): boolean {
  return /^(project|namespace|user|ref|pipeline|runner|environment|deployment|ci_config|job|sha|groups)/.test(
    name,
  );
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
