import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** The path from a folder to the root of its git repository, for example `../../`; undefined outside a repository. */
export async function repositoryAbove(folder: string): Promise<string | undefined> {
  let [at, way] = [resolve(folder), ''];
  for (;;) {
    const found = await lstat(join(at, '.git')).catch(() => undefined);
    if (found !== undefined) return way;
    if (dirname(at) === at) return undefined;
    [at, way] = [dirname(at), `../${way}`];
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The files that git tracks or does not ignore, relative to `root`; undefined if that is no root of a repository. */
export async function filesOfGit(root: string, env: Environment): Promise<readonly string[] | undefined> {
  if ((await repositoryAbove(root)) !== '') return undefined;
  const listed = await git(root, env, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  return listed === undefined ? undefined : [...new Set(listed)].toSorted((a, b) => (a < b ? -1 : 1));
}

/** The files with uncommitted changes, relative to the root of a repository; none if git fails. */
export async function uncommittedFiles(root: string, env: Environment): Promise<ReadonlySet<string>> {
  const changed = await git(root, env, 'diff', '--no-ext-diff', '--name-only', '-z', 'HEAD', '--');
  return new Set(changed);
}

/**
 * The remotes of the repository of a folder, in the order of its settings: names and the URLs that git fetches
 * from, after `url.*.insteadOf`. They are not checked: whoever made the repository chose them.
 *
 * @returns undefined if the folder is in no repository, or git does not trust its owner
 */
export async function remotesOf(
  folder: string,
  env: Environment,
): Promise<ReadonlyMap<string, string> | undefined> {
  // git config has the same exit code for a repository without remotes
  if ((await run(folder, env, 'rev-parse', '--git-dir')) === undefined) return undefined;
  const keys = await git(folder, env, 'config', '-z', '--name-only', '--get-regexp', '^remote\\..*\\.url$');
  const names = new Set((keys ?? []).map((key) => key.slice('remote.'.length, -'.url'.length)));
  const remotes = new Map<string, string>();
  for (const name of [...names].slice(0, maxRemotes)) {
    // git applies insteadOf here, and contacts nothing
    const url = await run(folder, env, 'ls-remote', '--get-url', '--', name);
    if (url !== undefined) remotes.set(name, url.replace(/\n$/, ''));
  }
  return remotes;
}

/** Each remote is a process; more than this would be a mistake, or meant to keep the program busy. */
const maxRemotes = 30;

/** The current branch, even if it has no commit yet; undefined for a detached HEAD and outside a repository. */
export async function branchOf(folder: string, env: Environment): Promise<string | undefined> {
  // the whole name: the short one is "heads/main" if there is also a tag main
  const ref = await run(folder, env, 'symbolic-ref', '--quiet', 'HEAD');
  return /^refs\/heads\/(.+)\n$/.exec(ref ?? '')?.[1];
}

/** The output of a git command as a list. */
async function git(
  root: string,
  env: Environment,
  ...args: readonly string[]
): Promise<readonly string[] | undefined> {
  const output = await run(root, env, ...args);
  return output?.split('\0').filter((name) => name !== '');
}

/** The output of a git command; undefined if it fails. The settings of the repository cannot make it run anything. */
function run(
  root: string,
  { PATH, HOME, XDG_CONFIG_HOME, SystemRoot, USERPROFILE }: Environment,
  ...args: readonly string[]
): Promise<string | undefined> {
  const safe = [
    '-C',
    root === '' ? '.' : root,
    '-c',
    'core.fsmonitor=false',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  const env = {
    // without the tokens and keys of a job
    ...{ PATH, HOME, XDG_CONFIG_HOME, SystemRoot, USERPROFILE },
    ...{ LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
    // a partial clone fetches missing objects by a command that its settings choose: no protocol is allowed
    ...{ GIT_ALLOW_PROTOCOL: '', GIT_NO_LAZY_FETCH: '1' },
  };
  return new Promise((done) => {
    const options = { env, maxBuffer: 64 * 1024 * 1024, timeout: 20_000 };
    execFile('git', [...safe, ...args], options, (error, output) => {
      done(error === null ? output : undefined);
    });
  });
}
