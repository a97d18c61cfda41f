import { AwsOidcError } from '../../errors.ts';
import type { GitlabApi } from '../../gitlab-api/api.ts';
import type { GitlabProject } from '../../gitlab-api/project.ts';
import { issuerKind, providerName } from '../../identity/issuer.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { findRemote } from './find-remote.ts';
import { gitlabApiOf } from './gitlab-access.ts';
import type { SetupFlags } from './setup-flags.ts';
import { isProtectedBy, type TrustedRefs, trustedRefs } from './trusted-refs.ts';

/** The project whose jobs get the role. */
export interface SetupProject extends TrustedRefs {
  /** The URL of the instance, which is the issuer. */
  readonly instance: string;
  readonly path: string;
  readonly projectId: string | undefined;
  readonly namespaceId: string | undefined;
  readonly defaultBranch: string | undefined;
  /** The path of the pipeline in the repository; undefined if it is in another one. */
  readonly pipelinePath: string | undefined;
  /** Its pipeline is in this repository. */
  readonly isHere: boolean;
  /** What the user should know about the project. */
  readonly notices: readonly string[];
  readonly api: GitlabApi;
  /** Values that must not be printed. */
  readonly secrets: readonly string[];
}

const defaultPipeline = '.gitlab-ci.yml';

/**
 * Finds the project: its address in git's remotes, the rest in GitLab's API, or in the flags, or by asking.
 *
 * @throws {AwsOidcError} if something is missing that nobody can be asked for
 */
export async function findProject(io: CommandLineIo, flags: SetupFlags): Promise<SetupProject> {
  const remote = await findRemote(io, flags);
  const { api, notices, secrets } = await gitlabApiOf(io, remote.instance);
  const { project, failure } = await projectOf(api, remote.path);
  checkInstance(remote.instance, project);
  checkIds(flags, project);
  const isGitlabCom = issuerKind(providerName(remote.instance)) === 'gitlab.com';
  const need = async (known: string | number | undefined, question: string) =>
    known === undefined ? await io.ask(question) : String(known);
  const ids = isGitlabCom
    ? {
        projectId: await need(flags.projectId ?? project?.id, 'Project ID (on the page of the project): '),
        namespaceId: await need(
          flags.namespaceId ?? project?.namespaceId,
          'Group ID (on the page of the group): ',
        ),
      }
    : { projectId: project?.id.toString(), namespaceId: project?.namespaceId.toString() };
  const defaultBranch = project?.defaultBranch;
  const named = flags.branch !== undefined || flags.tag !== undefined;
  const branch = named ? undefined : await need(defaultBranch, 'Branch that the role trusts: ');
  const isMissing = [ids.projectId, ids.namespaceId].includes(undefined) && isGitlabCom;
  if (failure !== undefined && (isMissing || (!named && !branch)))
    throw incomplete(failure, isGitlabCom, notices);
  const refs = trustedRefs(flags, branch);
  return {
    ...refs,
    ...ids,
    instance: remote.instance,
    path: project?.path ?? remote.path,
    defaultBranch,
    pipelinePath: pipelinePath(project),
    isHere: remote.isHere,
    notices: [
      ...notices,
      ...(failure === undefined ? [] : [`GitLab could not be asked about the project: ${failure.message}`]),
      ...(project === undefined ? [] : await protectionNotices(api, project, refs, isGitlabCom)),
      ...subjectNotices(project),
    ],
    api,
    secrets,
  };
}

/** A project that GitLab does not show can still be set up, if the flags contain what is needed. */
async function projectOf(api: GitlabApi, path: string) {
  try {
    return { project: await api.project(path), failure: undefined };
  } catch (error) {
    if (!(error instanceof AwsOidcError)) throw error;
    return { project: undefined, failure: error };
  }
}

/** A host name of SSH, or a server that claims to be another: the issuer must be what the person means. */
function checkInstance(instance: string, project: GitlabProject | undefined): void {
  if (project === undefined || project.instance === instance) return;
  const hint = `If that is right, set --issuer ${project.instance}.`;
  throw new AwsOidcError(
    'INVALID_INPUT',
    `${instance} calls itself ${project.instance}, which would be the issuer. Nothing was changed.`,
    { hint },
  );
}

function incomplete(failure: AwsOidcError, isGitlabCom: boolean, notices: readonly string[]): AwsOidcError {
  const flags = isGitlabCom ? '--project-id, --namespace-id and --branch' : '--branch';
  return new AwsOidcError(failure.code, failure.message, {
    cause: failure,
    lines: [...failure.lines, ...notices],
    problems: failure.problems,
    hint: [failure.hint, `Without GitLab's API, set ${flags}.`].filter(Boolean).join(' '),
  });
}

/** A path with "@" is in another project or on another server. */
function pipelinePath(project: GitlabProject | undefined): string | undefined {
  const path = project?.ciConfigPath || defaultPipeline;
  const isInside = !/^\/|^\.git\//.test(path) && !path.split('/').includes('..');
  return isInside && /^[\w./-]+\.ya?ml$/.test(path) ? path : undefined;
}

/** The flags are for projects that GitLab does not show. */
function checkIds({ projectId, namespaceId }: SetupFlags, project: GitlabProject | undefined): void {
  if (project === undefined) return;
  const flags = [
    ['--project-id', projectId, project.id],
    ['--namespace-id', namespaceId, project.namespaceId],
  ] as const;
  const wrong = flags.filter(([, flag, actual]) => flag !== undefined && flag !== String(actual));
  const problems = wrong.map(([name, value, actual]) => {
    return { name, rule: 'must be the ID that GitLab has', value, hint: `It is ${actual}.` };
  });
  if (problems.length > 0) throw invalidInput(problems, 'Nothing was changed.');
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
function subjectNotices(project: GitlabProject | undefined): readonly string[] {
  const components = project?.subClaimComponents;
  if (components === undefined || components.join() === 'project_path,ref_type,ref') return [];
  return [
    `The project's ID tokens have a sub of their own (${components.join(', ')}): this trust policy does not match them. Reset ci_id_token_sub_claim_components, or write the policy by hand.`,
  ];
}
