/** The parts of GitLab's default `sub`. */
export interface Subject {
  readonly projectPath: string;
  readonly refType: string;
  readonly ref: string;
}

/**
 * Reads `project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF`; undefined for any other form. Also works for
 * patterns in a policy if they contain the three names.
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
 */
export function parseSubject(sub: string): Subject | undefined {
  // a ref has no colon: text after one is another claim of a custom sub
  const [, projectPath, refType, ref] =
    /^project_path:([^:]*):ref_type:([^:]*):ref:([^:]*)$/s.exec(sub) ?? [];
  if (projectPath === undefined || refType === undefined || ref === undefined) return undefined;
  return { projectPath, refType, ref };
}

/** The service whose form the `sub` has; undefined if it is GitLab's or unknown. */
export function foreignService(sub: string): string | undefined {
  if (/^(repo|repository):/.test(sub)) return 'GitHub Actions';
  if (/^\{[0-9a-f-]{36}\}/.test(sub)) return 'Bitbucket Pipelines';
  if (/^org\/[^/]+\/project\//.test(sub)) return 'CircleCI';
  return /^system:serviceaccount:/.test(sub) ? 'Kubernetes' : undefined;
}

/** The claims in a `sub`, in order: `project_path`, `ref_type`, `ref`. */
export function componentsOf(sub: string): readonly string[] {
  return [...sub.matchAll(/(?:^|:)([a-z_]+):/g)].flatMap(([, name = '']) =>
    isComponent(name) ? [name] : [],
  );
}

/** Components that GitLab supports (ci_id_token_sub_claim_components), and others that users expect: https://docs.gitlab.com/api/projects/#edit-a-project */
function isComponent(name: string): boolean {
  return /^(project|namespace|user|ref|pipeline|runner|environment|deployment|ci_config|job|sha|groups)/.test(
    name,
  );
}

/** Describes a `sub` in words. */
export function describeSubject(sub: string): string {
  const subject = parseSubject(sub);
  if (subject) return `${subject.refType} "${subject.ref}" of the project ${subject.projectPath}`;
  const [, organization, project, user] = /^org\/([^/]+)\/project\/([^/]+)\/user\/([^/]+)/.exec(sub) ?? [];
  if (project !== undefined) return `project ${project} of the organization ${organization}, user ${user}`;
  const parts = [...sub.matchAll(/(?:^|:)(\w+):([^:]*)/g)].map(([, name, value]) => `${name} "${value}"`);
  return parts.length > 0 ? `${parts.join(', ')} (not GitLab's usual form)` : 'an unknown subject';
}
