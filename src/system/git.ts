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

/** The output of a git command as a list. The settings of the repository cannot make it run anything. */
function git(
  root: string,
  { PATH, HOME, SystemRoot }: Environment,
  ...args: readonly string[]
): Promise<readonly string[] | undefined> {
  const safe = [
    '-C',
    root === '' ? '.' : root,
    '-c',
    'core.fsmonitor=false',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  // without the tokens and keys of a job
  const env = { PATH, HOME, SystemRoot, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
  return new Promise((done) => {
    const options = { env, maxBuffer: 64 * 1024 * 1024, timeout: 20_000 };
    execFile('git', [...safe, ...args], options, (error, output) => {
      done(error === null ? output.split('\0').filter((name) => name !== '') : undefined);
    });
  });
}
