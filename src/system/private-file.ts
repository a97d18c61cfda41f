// node:fs alone: to load node:fs/promises takes longer than all that is done here
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { AwsOidcError } from '../errors.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants;

/**
 * Makes sure that nothing of an earlier run is left at `path`, and that its directory takes a new file: a
 * regular file is removed; a symbolic link, a directory or a device is refused, never followed.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED`
 */
export async function clearPrivateFile(path: string): Promise<void> {
  const partial = partialOf(path);
  for (const file of [path, partial]) removeFile(file);
  orFail(path, () => {
    closeSync(openSync(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
    rmSync(partial);
  });
}

function removeFile(file: string): void {
  if (isRegularFile(file)) orFail(file, () => rmSync(file));
}

/** @throws {AwsOidcError} `HAND_OFF_FAILED` where something else than a file is there */
export function isRegularFile(file: string): boolean {
  const found = orFail(file, () => lstatSync(file, { throwIfNoEntry: false }));
  if (found === undefined || found.isFile()) return found !== undefined;
  throw new AwsOidcError('HAND_OFF_FAILED', `"${file}" must not exist or be a regular file`, {
    hint: found.isSymbolicLink()
      ? 'Remove the symbolic link: credentials are never written through one.'
      : 'Remove it, or choose another file.',
  });
}

/**
 * Writes `text` to `path` with mode 0600, whole or not at all: into a new file beside it, which is
 * then renamed. Renaming replaces a symbolic link that appeared meanwhile instead of following it.
 *
 * @param encoding latin1 for a text that has a character for each byte
 * @param partial the new file
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; nothing is left behind then
 */
export async function writePrivateFile(
  path: string,
  text: string,
  encoding?: 'latin1',
  partial = partialOf(path),
): Promise<void> {
  try {
    const file = openSync(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      fchmodSync(file, 0o600);
      writeFileSync(file, text, encoding);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (cause) {
    removeQuietly(partial);
    failToWrite(path, cause);
  }
}

/**
 * Adds `text` to the end of `path` as lines of its own. The file is made with mode 0600 where it does not
 * exist. A symbolic link, a file of another user, and one that has a second name are refused; what others may
 * read is made private first.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; the file's text is as it was then
 */
export async function appendPrivateFile(path: string, text: string): Promise<void> {
  isRegularFile(path);
  orFail(path, () => {
    const file = openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    try {
      const found = fstatSync(file);
      const { size, nlink, uid } = found;
      const isFile = found.isFile();
      if (!isFile || nlink !== 1 || (process.getuid && uid !== process.getuid())) {
        throw new AwsOidcError('HAND_OFF_FAILED', `"${path}" must belong to this user and have one name`, {
          hint: 'Other users could read what is added to it. Remove it, or choose another file.',
        });
      }
      fchmodSync(file, 0o600);
      const last = Buffer.alloc(1);
      readSync(file, last, 0, 1, Math.max(0, size - 1));
      try {
        writeFileSync(file, size > 0 && last.toString() !== '\n' ? `\n${text}` : text);
      } catch (cause) {
        // a full disk may have taken a part of it
        ftruncateSync(file, size);
        throw cause;
      }
    } finally {
      closeSync(file);
    }
  });
}

/** One fixed name, so that the next run finds and removes what a killed one left. */
const partialOf = (path: string) => `${path}.partial`;

/** The error that made it necessary matters more than one of the removal. */
function removeQuietly(file: string): void {
  try {
    rmSync(file);
  } catch {}
}

/** @throws {AwsOidcError} `HAND_OFF_FAILED` with the code of the file system's error */
export function orFail<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof AwsOidcError) throw cause;
    failToWrite(path, cause);
  }
}

/** @throws {AwsOidcError} `HAND_OFF_FAILED` */
export function failToWrite(path: string, cause: unknown): never {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  throw new AwsOidcError('HAND_OFF_FAILED', `"${path}" could not be written (${code})`, {
    cause,
    hint: 'The directory must exist, be writable and have space left.',
  });
}
