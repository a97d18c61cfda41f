import type { Problem } from '../../errors.ts';
import { otherService, parseRemote, type RemoteProject } from '../../gitlab-api/remote.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import type { SetupFlags } from './setup-flags.ts';

/**
 * The GitLab instance and project: those in the flags, else those of git's remotes.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if there is no remote on a GitLab instance, or several of different projects
 */
export async function findRemote(
  io: CommandLineIo,
  { issuer, project, remote }: Pick<SetupFlags, 'issuer' | 'project' | 'remote'>,
): Promise<RemoteProject> {
  if (issuer !== undefined && project !== undefined) return { instance: issuer, path: project };
  const found = await remoteProject(io, remote);
  return { instance: issuer ?? found.instance, path: project ?? found.path };
}

async function remoteProject(io: CommandLineIo, name: string | undefined): Promise<RemoteProject> {
  const remotes = await io.remotesOf('.');
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
  const services = [...remotes].map(([name, url]) => `${name}: ${otherService(url) ?? 'not a server'}`);
  const found = services.length === 0 ? 'It has no remote.' : `It has ${services.join(', ')}.`;
  return fail(
    '--project',
    'must be set if no remote of this repository is on a GitLab instance',
    `${found} Set --issuer and --project, or add the remote of the GitLab project.`,
  );
}

function fail(name: string, rule: string, hint: string, value?: string) {
  const problem: Problem = { name, rule, hint, value };
  return invalidInput([problem], 'Nothing was changed.');
}
