import { AwsOidcError } from '../../errors.ts';
import type { GitlabApi } from '../../gitlab-api/api.ts';
import type { GitlabProject } from '../../gitlab-api/project.ts';
import { issuerKind, providerName } from '../../identity/issuer.ts';
import { printable } from '../../output/printable.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { findRemote } from './find-remote.ts';
import { gitlabApiOf } from './gitlab-access.ts';
import { projectNotices } from './project-notices.ts';
import type { SetupFlags } from './setup-flags.ts';
import { type TrustedRefs, trustedRefs } from './trusted-refs.ts';

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
    known === undefined ? await io.ask(`${reason(failure)}${question}`) : String(known);
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
  checkRefs(refs);
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
      ...(project === undefined ? [] : await projectNotices(api, project, refs, isGitlabCom)),
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

/** An empty project has no default branch. */
function checkRefs({ branches, tags }: TrustedRefs): void {
  if (branches.length > 0 || tags.length > 0) return;
  const hint = 'The project has no default branch yet. The role can trust a tag instead: --tag.';
  throw invalidInput([{ name: '--branch', rule: 'must be set', hint }], 'Nothing was changed.');
}

/** Why something is asked; the message is of this program, not of the server. */
function reason(failure: AwsOidcError | undefined): string {
  return failure === undefined ? '' : `${printable(failure.message, 200)}\n`;
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
