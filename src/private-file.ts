import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AwsOidcError } from './errors.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants;

/**
 * Makes sure that `path` can be written and that nothing of an earlier run is left there: a regular
 * file is removed; a symbolic link, a directory or a device is refused, never followed.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED`
 */
export async function clearPrivateFile(path: string): Promise<void> {
  for (const file of [path, partialOf(path)]) await removeFile(file);
}

/**
 * Rewrites `path`, or makes it and its directory, for its owner alone. A symbolic link is refused.
 *
 * @param edit from the old text to the new one, a character a byte (latin1)
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; the file is as it was then
 */
export async function editPrivateFile(path: string, edit: (text: string) => string): Promise<void> {
  const fail = (cause: unknown) => failToWrite(path, cause);
  await removeFile(partialOf(path));
  const exists = await isRegularFile(path);
  if (!exists) await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(fail);
  const text = exists ? await readFile(path, 'latin1').catch(fail) : '';
  await writePrivateFile(path, edit(text), 'latin1');
}

async function removeFile(file: string): Promise<void> {
  if (await isRegularFile(file)) await rm(file).catch((cause) => failToWrite(file, cause));
}

/** @throws {AwsOidcError} `HAND_OFF_FAILED` where something else than a file is there */
async function isRegularFile(file: string): Promise<boolean> {
  const found = await lstat(file).catch(noSuchFile);
  if (found === undefined || found.isFile()) return found !== undefined;
  throw new AwsOidcError('HAND_OFF_FAILED', `"${file}" must not exist or be a regular file`, {
    hint: found.isSymbolicLink()
      ? 'A symbolic link is in the way. Credentials are never written through one: remove it.'
      : 'Remove it, or name another file.',
  });
}

/**
 * Writes `text` to `path` with mode 0600, whole or not at all: into a new file beside it, which is
 * then renamed. Renaming replaces a symbolic link that appeared meanwhile instead of following it.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; nothing is left behind then
 */
export async function writePrivateFile(
  path: string,
  text: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<void> {
  const partial = partialOf(path);
  try {
    const file = await open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(text, encoding);
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    failToWrite(path, cause);
  }
}

/**
 * Adds `text` to the end of `path` as lines of its own. The file is made with mode 0600 where it does not
 * exist. A symbolic link is refused.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED`
 */
export async function appendPrivateFile(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    try {
      const { size } = await file.stat();
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      await file.writeFile(size > 0 && buffer.toString() !== '\n' ? `\n${text}` : text);
    } finally {
      await file.close();
    }
  } catch (cause) {
    failToWrite(path, cause);
  }
}

/** One fixed name, so that the next run finds and removes what a killed one left. */
const partialOf = (path: string) => `${path}.partial`;

function noSuchFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') failToWrite(error.path ?? '', error);
}

function failToWrite(path: string, cause: unknown): never {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  throw new AwsOidcError('HAND_OFF_FAILED', `"${path}" could not be written (${code})`, {
    cause,
    hint: 'The directory must exist, be writable by the job and have space left.',
  });
}
