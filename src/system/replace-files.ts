import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';

/**
 * Replaces files that are there, keeping their modes: all new texts are on the disk before the first file
 * is replaced, and each file is the old one or the new one at any moment, never a part.
 *
 * @throws the file system's error; then what was prepared is gone
 */
export async function replaceFiles(files: ReadonlyMap<string, string>): Promise<void> {
  const prepared: (readonly [target: string, temporary: string])[] = [];
  try {
    for (const [path, text] of files) {
      // a link stays one: what it points to is replaced
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
