import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { filesOfGit } from './git.ts';

/** Folders whose files are nobody's scripts. */
const skipped = new Set(['.git', 'node_modules', '.terraform', 'vendor']);

/** Larger ones are nobody's scripts either. */
const maxBytes = 4_000_000;

/**
 * The files of a folder and of those below it, sorted, with `/` between their parts; links are not followed,
 * what cannot be read is left out, and in a repository of git what git ignores.
 *
 * @param limit no more files than that are listed
 * @param env where git and its settings are found
 */
export async function listFiles(
  folder: string,
  limit: number,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const known = await filesOfGit(folder, env);
  if (known === undefined) return await walk(folder, limit);
  const found: string[] = [];
  for (const path of known) {
    if (found.length >= limit) break;
    if (!path.split('/').some((part) => skipped.has(part)) && (await isSmallFile(join(folder, path))))
      found.push(path);
  }
  return found;
}

async function isSmallFile(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status?.isFile() === true && status.size <= maxBytes;
}

async function walk(folder: string, limit: number): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= limit) return;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isFile() && (await isSmallFile(join(folder, path)))) found.push(path);
      if (entry.isDirectory() && !skipped.has(entry.name)) await visit(path);
    }
  };
  await visit('');
  return found;
}

/**
 * Whether a symbolic link leads from `path` to another place outside of `folder`. A path that is written as
 * leading out of it does not: somebody meant that.
 *
 * @throws the file system's error, where there is no such file
 */
export async function isLinkOutOf(folder: string, path: string): Promise<boolean> {
  const target = await realpath(path);
  const isMeant = !isBelow(resolve(folder), resolve(path));
  const unlinked = join(await realpath(dirname(path)), basename(path));
  return isMeant ? target !== unlinked : !isBelow(await realpath(folder), target);
}

const isBelow = (folder: string, path: string) =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
