import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  appendPrivateFile,
  clearPrivateFile,
  orFail,
  writePrivateFile,
} from '../../src/system/private-file.ts';
import { changedBy } from '../support/mutation.ts';
import { root } from '../support/run-program.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'private-file-'));
  file = join(directory, 'aws-oidc.env');
});

/** What this process holds open in the directory. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd')
    .map((name) => join('/proc/self/fd', name))
    .filter((link) => existsSync(link))
    .map((link) => readlinkSync(link))
    .filter((target) => target.startsWith(directory));
}

const hasProc = existsSync('/proc/self/fd');

describe('writePrivateFile', () => {
  it.each(['0', '0777'])('writes a file that only its owner can read and write, with umask %s', (umask) => {
    const program = `
      const { writePrivateFile } = await import(${JSON.stringify(join(root, 'src/system/private-file.ts'))});
      await writePrivateFile(${JSON.stringify(file)}, 'secret\\n');`;
    const script = `umask ${umask}; exec "$0" --input-type=module -e "$1"`;
    const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath, program], {
      encoding: 'utf8',
      env: { ...process.env, ...changedBy() },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe('secret\n');
    expect(readdirSync(directory)).toEqual(['aws-oidc.env']);
  });

  it('replaces a symbolic link instead of following it', async () => {
    const target = join(directory, 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, file);
    await writePrivateFile(file, 'secret');
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(readFileSync(file, 'utf8')).toBe('secret');
  });

  it('never follows a symbolic link in place of its temporary file', async () => {
    const target = join(directory, 'target');
    symlinkSync(target, `${file}.partial`);
    await expect(writePrivateFile(file, 'secret')).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${file}" could not be written (EEXIST)`,
    });
    expect(readdirSync(directory)).not.toContain('target');
    expect(readdirSync(directory)).not.toContain('aws-oidc.env');
  });

  it('leaves nothing behind if it fails', async () => {
    mkdirSync(file);
    await expect(writePrivateFile(file, 'secret')).rejects.toMatchObject({ code: 'HAND_OFF_FAILED' });
    expect(readdirSync(directory)).toEqual(['aws-oidc.env']);
  });

  it('fails if the directory does not exist', async () => {
    const missing = join(directory, 'no', 'file');
    await expect(writePrivateFile(missing, 'x')).rejects.toMatchObject({
      message: `"${missing}" could not be written (ENOENT)`,
      hint: 'The directory must exist, be writable and have space left.',
    });
  });
});

describe('clearPrivateFile', () => {
  it('removes what an earlier run left, finished or not', async () => {
    writeFileSync(file, 'old');
    writeFileSync(`${file}.partial`, 'older');
    await clearPrivateFile(file);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('does nothing if nothing is left', async () => {
    await expect(clearPrivateFile(file)).resolves.toBeUndefined();
  });

  it('refuses a symbolic link and leaves its target alone', async () => {
    const target = join(directory, 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, file);
    await expect(clearPrivateFile(file)).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${file}" must not exist or be a regular file`,
      hint: 'Remove the symbolic link: credentials are never written through one.',
    });
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  it('refuses a directory', async () => {
    mkdirSync(file);
    await expect(clearPrivateFile(file)).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${file}" must not exist or be a regular file`,
      hint: 'Remove it, or choose another file.',
    });
  });

  it('fails if the directory is not writable', async () => {
    const missing = join(directory, 'no', 'file');
    await expect(clearPrivateFile(missing)).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${missing}" could not be written (ENOENT)`,
    });
  });
});

describe('appending to a file', () => {
  it('makes the file private first, and keeps its content', async () => {
    writeFileSync(file, 'export MINE=1\n');
    chmodSync(file, 0o666);
    await appendPrivateFile(file, 'export KEY=2\n');
    expect(readFileSync(file, 'utf8')).toBe('export MINE=1\nexport KEY=2\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('refuses a file with a second hard link', async () => {
    writeFileSync(file, 'mine\n');
    linkSync(file, join(directory, 'other'));
    await expect(appendPrivateFile(file, 'KEY\n')).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${file}" must belong to this user and have one name`,
      hint: 'Other users could read what is added to it. Remove it, or choose another file.',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
  });

  it.each(['appendPrivateFile', 'clearPrivateFile'])(
    '%s refuses a pipe, and keeps its mode',
    async (name) => {
      execFileSync('mkfifo', ['-m', '666', file]);
      const action = { appendPrivateFile, clearPrivateFile }[name];
      await expect(action?.(file, 'KEY\n')).rejects.toMatchObject({
        code: 'HAND_OFF_FAILED',
        message: `"${file}" must not exist or be a regular file`,
      });
      expect(statSync(file).mode & 0o777).toBe(0o666);
    },
  );

  it.runIf(process.getuid?.() === 0)('refuses a device, and keeps its mode', async () => {
    const made = spawnSync('mknod', ['-m', '666', file, 'c', '1', '3']);
    if (made.status !== 0) return; // a container without that right
    await expect(appendPrivateFile(file, 'KEY\n')).rejects.toMatchObject({ code: 'HAND_OFF_FAILED' });
    expect(statSync(file).mode & 0o777).toBe(0o666);
  });

  it.runIf(process.getuid?.() === 0)('refuses a file of another user', async () => {
    writeFileSync(file, 'theirs\n');
    chownSync(file, 65534, 65534);
    await expect(appendPrivateFile(file, 'KEY\n')).rejects.toMatchObject({ code: 'HAND_OFF_FAILED' });
    expect(readFileSync(file, 'utf8')).toBe('theirs\n');
  });

  it.runIf(hasProc)('keeps the file unchanged if only a part fits on the disk', async () => {
    const size = 2 ** 20;
    const before = `${'x'.repeat(size - 4)}\n`;
    writeFileSync(file, before);
    // no file of this process may grow beyond a mebibyte, until it may again
    const limit = (bytes: string) =>
      spawnSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${bytes}:`], { encoding: 'utf8' });
    expect(limit(`${size}`)).toMatchObject({ status: 0, stderr: '' });
    try {
      await expect(appendPrivateFile(file, 'KEY=secret\n')).rejects.toMatchObject({
        code: 'HAND_OFF_FAILED',
        message: `"${file}" could not be written (EFBIG)`,
      });
    } finally {
      limit('unlimited');
    }
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe.runIf(hasProc)('a file that was written', () => {
  it.each([
    ['with other text', writePrivateFile],
    ['at its end', appendPrivateFile],
  ])('%s is closed', async (_, write) => {
    await write(file, 'secret\n');
    expect(openFiles()).toEqual([]);
  });
});

describe('orFail', () => {
  it('calls the error unknown if it has no code', () => {
    const cause = new Error('what happened');
    const action = () => {
      throw cause;
    };
    expect(() => orFail(file, action)).toThrow(
      expect.objectContaining({
        code: 'HAND_OFF_FAILED',
        message: `"${file}" could not be written (unknown error)`,
        hint: 'The directory must exist, be writable and have space left.',
        cause,
      }),
    );
  });
});
