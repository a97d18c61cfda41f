import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AwsOidcError } from '../errors.ts';
import { failToWrite, isRegularFile, orFail, writePrivateFile } from './private-file.ts';

/** A lock that was not renewed for this long belongs to a killed process; in milliseconds. */
const staleMs = 5000;
/** How long to wait for another writer, in milliseconds: longer than it takes for a lock to become stale. */
const defaultWaitMs = 15_000;
/** The handler of a signal that must not end the program. */
const goOn = () => {};

/**
 * Rewrites `path`, or creates it and its directory, readable only by its owner. If several processes do so at
 * the same time, each sees what the one before it wrote. A symbolic link is refused.
 *
 * @param edit returns the new text for the old one; both are latin1, one character per byte
 * @param waitMs how long to wait for other writers, in milliseconds
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; the file is then unchanged
 */
export async function editPrivateFile(
  path: string,
  edit: (text: string) => string,
  waitMs = defaultWaitMs,
): Promise<void> {
  orFail(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  const release = await lockOf(path, waitMs);
  try {
    removePartials(path);
    const text = isRegularFile(path) ? orFail(path, () => readFileSync(path, 'latin1')) : '';
    const partial = `${path}.${randomBytes(6).toString('hex')}.partial`;
    await writePrivateFile(path, edit(text), 'latin1', partial);
  } finally {
    // fails if another process has taken over the lock and removed it
    await release().catch(() => {});
  }
}

async function lockOf(path: string, waitMs: number): Promise<() => Promise<void>> {
  // loaded here, because it listens for signals, which the other commands must not do
  const { default: lockfile } = await import('proper-lockfile');
  // it would end the program on SIGXFSZ, but a write over the size limit must fail with EFBIG, as Node does it
  process.off('SIGXFSZ', goOn).on('SIGXFSZ', goOn);
  try {
    return await lockfile.lock(path, {
      realpath: false,
      stale: staleMs,
      update: 1000,
      retries: {
        forever: true,
        factor: 1,
        minTimeout: 20,
        maxTimeout: 100,
        randomize: true,
        maxRetryTime: waitMs,
      },
      // losing the lock is harmless: the file is replaced in one step, right before the release
      onCompromised: () => {},
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ELOCKED') failToWrite(path, cause);
    throw new AwsOidcError('HAND_OFF_FAILED', `"${path}" is in use by another process`, {
      cause,
      hint: `It was not released within ${waitMs / 1000} seconds. If no other process is running, remove "${path}.lock".`,
    });
  }
}

/** Removes what killed runs left: with the lock held, nobody else is writing. */
function removePartials(path: string): void {
  const directory = dirname(path);
  const isPartial = (name: string) =>
    name.startsWith(`${basename(path)}.`) &&
    /^\.[0-9a-f]{12}\.partial$/.test(name.slice(basename(path).length));
  orFail(path, () => {
    for (const name of readdirSync(directory).filter(isPartial)) rmSync(join(directory, name));
  });
}
