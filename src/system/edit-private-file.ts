import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AwsOidcError } from '../errors.ts';
import { failToWrite, isRegularFile, orFail, writePrivateFile } from './private-file.ts';

/** How long a lock counts that its owner no longer renews, since it was killed; in milliseconds. */
const staleMs = 5000;
/** How long another writer is waited for; longer than a dead one's lock counts. */
const defaultWaitMs = 15_000;
/** What a signal leads to that must not end the program. */
const goOn = () => {};

/**
 * Rewrites `path`, or makes it and its directory, for its owner alone. Of several processes that do so at the
 * same time each sees what the one before it wrote. A symbolic link is refused.
 *
 * @param edit from the old text to the new one, a character a byte (latin1)
 * @param waitMs how long other writers are waited for, in milliseconds
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; the file is as it was then
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
    // who took the lock over has removed it
    await release().catch(() => {});
  }
}

async function lockOf(path: string, waitMs: number): Promise<() => Promise<void>> {
  // loaded here: it listens for signals, which is nothing for the other commands
  const { default: lockfile } = await import('proper-lockfile');
  // it would end the program where a write over the size limit has to fail with EFBIG, as Node makes it
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
      // the file is replaced in one step, and the lock is not held beyond it
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

/** What a killed run left: nobody else is writing now. */
function removePartials(path: string): void {
  const directory = dirname(path);
  const isPartial = (name: string) =>
    name.startsWith(`${basename(path)}.`) &&
    /^\.[0-9a-f]{12}\.partial$/.test(name.slice(basename(path).length));
  orFail(path, () => {
    for (const name of readdirSync(directory).filter(isPartial)) rmSync(join(directory, name));
  });
}
