import type { GitlabApi } from '../../gitlab-api/api.ts';
import type { GitlabProject } from '../../gitlab-api/project.ts';
import { isProtectedBy, type TrustedRefs } from './trusted-refs.ts';

/** What the user should know about the project before the role trusts it. */
export async function projectNotices(
  api: GitlabApi,
  project: GitlabProject,
  refs: TrustedRefs,
  isGitlabCom: boolean,
): Promise<readonly string[]> {
  return [...(await protectionNotices(api, project, refs, isGitlabCom)), ...subjectNotices(project)];
}

/** Anyone who can push to an unprotected branch or tag can assume the role; on gitlab.com, nobody can. */
async function protectionNotices(
  api: GitlabApi,
  project: GitlabProject,
  refs: TrustedRefs,
  isGitlabCom: boolean,
): Promise<readonly string[]> {
  const kinds = [
    ['branch', 'branches', refs.branches, () => api.protectedBranches(project.id)],
    ['tag', 'tags', refs.tags, () => api.protectedTags(project.id)],
  ] as const;
  const notices: string[] = [];
  for (const [one, many, trusted, list] of kinds) {
    if (trusted.length === 0) continue;
    const rules = await list();
    if (rules === undefined)
      notices.push(`GitLab does not show which ${many} are protected: check that ${trusted.join(', ')} is.`);
    // a pattern is only for gitlab.com, where AWS checks each ref that it matches
    const whole = trusted.filter((ref) => !ref.includes('*'));
    const open = whole.filter((ref) => rules?.every(({ name }) => !isProtectedBy(name, ref)));
    for (const ref of open) notices.push(`The ${one} ${ref} is not protected: ${consequence(isGitlabCom)}`);
  }
  return notices;
}

function consequence(isGitlabCom: boolean): string {
  return isGitlabCom
    ? 'AWS will refuse its jobs until it is, because the role requires ref_protected.'
    : 'everyone who can push it can assume the role. Protect it.';
}

/** The policy expects GitLab's default form of sub. */
function subjectNotices(project: GitlabProject): readonly string[] {
  const components = project.subClaimComponents;
  if (components === undefined || components.join() === 'project_path,ref_type,ref') return [];
  return [
    `The project's ID tokens have a sub of their own (${components.join(', ')}): this trust policy does not match them. Reset ci_id_token_sub_claim_components, or write the policy by hand.`,
  ];
}
