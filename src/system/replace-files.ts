import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Replaces existing files and keeps their modes. All new texts are on disk before the first file is
 * replaced, and each file is replaced atomically.
 *
 * @throws the file system's error; the temporary files are then removed
 */
export async function replaceFiles(files: ReadonlyMap<string, string>): Promise<void> {
  const prepared: (readonly [target: string, temporary: string])[] = [];
  try {
    for (const [path, text] of files) {
      // a symbolic link is kept: its target is replaced
      const target = await realpath(path);
      const temporary = `${target}.${randomUUID()}.partial`;
      prepared.push([target, temporary]);
      const { mode } = await stat(target);
      const handle = await open(temporary, 'wx', mode & 0o777);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    for (const [target, temporary] of prepared) await rename(temporary, target);
  } catch (error) {
    for (const [, temporary] of prepared) await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Creates a file.
 *
 * @throws the file system's error; `EEXIST` if something of this name exists, a symbolic link included
 */
export async function createFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx' });
}
