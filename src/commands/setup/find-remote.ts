import { type Problem, RuleError } from '../../errors.ts';
import { otherService, parseRemote, type RemoteProject } from '../../gitlab-api/remote.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { parseIssuer } from '../trust-policy/trust-target.ts';
import type { SetupFlags } from './setup-flags.ts';

/** The project to set up. */
export interface FoundProject extends RemoteProject {
  /** A remote of this repository is the project, so its pipeline is in this folder. */
  readonly isHere: boolean;
}

/**
 * The GitLab instance and project: those in the flags, else those of git's remotes.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if there is no remote on a GitLab instance, or several of different projects
 */
export async function findRemote(
  io: CommandLineIo,
  { issuer, project, remote }: Pick<SetupFlags, 'issuer' | 'project' | 'remote'>,
): Promise<FoundProject> {
  const instance = issuer === undefined ? undefined : checkedInstance(issuer);
  const remotes = await io.remotesOf('.');
  const known = [...(remotes?.values() ?? [])].flatMap((url) => parseRemote(url) ?? []);
  const isKnown = (one: RemoteProject) =>
    known.some((other) => other.path === one.path && other.instance === one.instance);
  const named =
    instance !== undefined && project !== undefined
      ? { instance, path: project }
      : {
          ...remoteProject(remotes, remote),
          ...(instance && { instance }),
          ...(project && { path: project }),
        };
  return { ...named, isHere: isKnown(named) };
}

function checkedInstance(issuer: string): string {
  try {
    return parseIssuer(issuer);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw fail('--issuer', error.message, error.hint, issuer);
  }
}

function remoteProject(
  remotes: ReadonlyMap<string, string> | undefined,
  name: string | undefined,
): RemoteProject {
  if (remotes === undefined) {
    throw fail(
      '--project',
      'must be set outside a git repository',
      'Run setup in a clone of the project, or set --issuer and --project.',
    );
  }
  if (name !== undefined) return ofRemote(name, remotes);
  const projects = [...remotes].flatMap(([one, url]) => {
    const project = parseRemote(url);
    return project === undefined ? [] : [{ name: one, project }];
  });
  const [first, ...others] = projects;
  if (first === undefined) throw noGitlab(remotes);
  const isSame = ({ project }: typeof first) =>
    project.instance === first.project.instance && project.path === first.project.path;
  if (others.every(isSame)) return first.project;
  const list = projects.map((one) => `${one.name} (${one.project.instance}/${one.project.path})`).join(', ');
  throw fail('--remote', 'must name one of the remotes', `This repository has several projects: ${list}.`);
}

function ofRemote(name: string, remotes: ReadonlyMap<string, string>): RemoteProject {
  const url = remotes.get(name);
  const known = [...remotes.keys()].join(', ') || 'none';
  if (url === undefined) throw fail('--remote', 'must name a remote', `This repository has: ${known}.`, name);
  const project = parseRemote(url);
  if (project === undefined) throw noGitlab(new Map([[name, url]]));
  return project;
}

/** The URLs are not shown: they can contain a password. */
function noGitlab(remotes: ReadonlyMap<string, string>) {
  const services = [...remotes].map(
    ([name, url]) => `${name}: ${otherService(url) ?? 'not the URL of a project on a server'}`,
  );
  const found = services.length === 0 ? 'It has no remote.' : `It has ${services.join(', ')}.`;
  return fail(
    '--project',
    'must be set if no remote of this repository is on a GitLab instance',
    `${found} Set --issuer and --project, or add the remote of the GitLab project.`,
  );
}

function fail(name: string, rule: string, hint: string | undefined, value?: string) {
  const problem: Problem = { name, rule, hint, value };
  return invalidInput([problem], 'Nothing was changed.');
}
