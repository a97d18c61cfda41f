// only node:fs: loading node:fs/promises takes longer than everything that is done here
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
 * Removes the file that an earlier run left at `path`, and checks that its directory is writable. A symbolic
 * link, a directory or a device is refused, never followed.
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

/**
 * @returns false if nothing exists at the path
 * @throws {AwsOidcError} `HAND_OFF_FAILED` if it is not a regular file
 */
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
 * Writes `text` to `path` atomically, with mode 0600: to a new file in the same directory, which is then
 * renamed. If a symbolic link appeared meanwhile, renaming replaces it instead of following it.
 *
 * @param encoding latin1 for a text with one character per byte
 * @param partial the path of the new file
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; the new file is then removed
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
 * Appends `text` to `path`, on a new line. If the file does not exist, it is created. Its mode becomes 0600
 * before anything is written. A symbolic link, a file of another user, and a file with several hard links are
 * refused.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; the content of the file is then unchanged
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
        // on a full disk, a part may have been written
        ftruncateSync(file, size);
        throw cause;
      }
    } finally {
      closeSync(file);
    }
  });
}

/** A fixed name, so that the next run finds and removes what a killed run left. */
const partialOf = (path: string) => `${path}.partial`;

/** Ignores errors, because the error that made the removal necessary matters more. */
function removeQuietly(file: string): void {
  try {
    rmSync(file);
  } catch {}
}

/** @throws {AwsOidcError} `HAND_OFF_FAILED` with the error code of the file system */
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
