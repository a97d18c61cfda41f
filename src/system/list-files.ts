import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { filesOfGit } from './git.ts';

/** Folders that do not contain a project's own scripts. */
const skipped = new Set(['.git', 'node_modules', '.terraform', 'vendor']);

/** Larger files are not scripts either. */
const maxBytes = 4_000_000;

/**
 * The files in a folder and its subfolders, sorted, with `/` as the separator. Symbolic links are not followed;
 * what cannot be read is left out, and in a git repository also what git ignores.
 *
 * @param limit the largest number of files to list
 * @param env the environment for git
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
 * Whether `path` leads outside `folder` through a symbolic link. A path that is already written as outside
 * is intended; for it, the result is true only if the file itself is a link.
 *
 * @throws the file system's error, if the file does not exist
 */
export async function isLinkOutOf(folder: string, path: string): Promise<boolean> {
  const target = await realpath(path);
  const isMeant = !isBelow(resolve(folder), resolve(path));
  const unlinked = join(await realpath(dirname(path)), basename(path));
  return isMeant ? target !== unlinked : !isBelow(await realpath(folder), target);
}

const isBelow = (folder: string, path: string) =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
