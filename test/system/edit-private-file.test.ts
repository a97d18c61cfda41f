import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { editPrivateFile } from '../../src/system/edit-private-file.ts';
import { changedBy } from '../support/mutation.ts';
import { root } from '../support/run-program.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'edited-file-'));
  file = join(directory, 'credentials');
});

describe('editPrivateFile', () => {
  it('creates the file and its directory, readable only by their owner', async () => {
    const below = join(directory, 'new', 'credentials');
    await editPrivateFile(below, (text) => `${text}secret`);
    expect(readFileSync(below, 'utf8')).toBe('secret');
    expect(statSync(below).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'new')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(directory, 'new'))).toEqual(['credentials']);
  });

  it('makes a file private if others could read it', async () => {
    writeFileSync(file, 'old');
    chmodSync(file, 0o666);
    await editPrivateFile(file, (text) => `${text} and new`);
    expect(readFileSync(file, 'utf8')).toBe('old and new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps every byte that the edit keeps, whatever the encoding', async () => {
    const bytes = Buffer.from([0, 0xff, 0xfe, 0xc3, 0x28, 0x0d, 0x0a]);
    writeFileSync(file, bytes);
    await editPrivateFile(file, (text) => `${text}x`);
    expect(readFileSync(file)).toEqual(Buffer.concat([bytes, Buffer.from('x')]));
  });

  it('keeps the file and leaves no lock if the edit fails', async () => {
    writeFileSync(file, 'old');
    const edit = () => {
      throw new Error('no');
    };
    await expect(editPrivateFile(file, edit)).rejects.toThrow('no');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['credentials']);
  });

  it('refuses a symbolic link and leaves its target alone', async () => {
    const target = join(directory, 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, file);
    await expect(editPrivateFile(file, () => 'secret')).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${file}" must not exist or be a regular file`,
    });
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  it('fails if its directory cannot be created', async () => {
    writeFileSync(file, 'a file');
    await expect(editPrivateFile(join(file, 'below', 'x'), () => 'secret')).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: expect.stringContaining('could not be written (ENOTDIR)'),
    });
  });
});

describe('a program that writes often and then exceeds the size limit', () => {
  it('prints nothing, and gets an error instead of a signal', async () => {
    await editPrivateFile(file, () => 'old');
    const program = `
      const { editPrivateFile } = await import(${JSON.stringify(join(root, 'src/system/edit-private-file.ts'))});
      const file = ${JSON.stringify(file)};
      for (let count = 0; count < 12; count++) await editPrivateFile(file, (text) => text + '.');
      await editPrivateFile(file, () => 'x'.repeat(2000)).catch(({ message }) => console.log(message));`;
    const script = `ulimit -f 1; exec "$0" --input-type=module -e "$1"`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, program], {
      encoding: 'utf8',
      env: { ...process.env, ...changedBy() },
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `"${file}" could not be written (EFBIG)\n`,
      stderr: '',
    });
    expect(readFileSync(file, 'utf8')).toBe(`old${'.'.repeat(12)}`);
    expect(readdirSync(directory)).toEqual(['credentials']);
  });
});

describe('several writers of one file', () => {
  it("do not lose each other's changes", async () => {
    const program = `
      const { editPrivateFile } = await import(${JSON.stringify(join(root, 'src/system/edit-private-file.ts'))});
      for (let count = 0; count < 5; count++) {
        await editPrivateFile(${JSON.stringify(file)}, (text) => text + process.argv[1] + '\\n');
      }`;
    const writers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const exits = writers.map((name) =>
      once(
        spawn(process.execPath, ['--input-type=module', '-e', program, name], {
          stdio: 'inherit',
          env: { ...process.env, ...changedBy() },
        }),
        'exit',
      ),
    );
    expect((await Promise.all(exits)).map(([code]) => code)).toEqual(writers.map(() => 0));
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.sort().join('')).toBe(writers.map((name) => name.repeat(5)).join(''));
    expect(readdirSync(directory)).toEqual(['credentials']);
  }, 60_000);

  it('continues after a writer that was killed while writing', async () => {
    writeFileSync(file, 'old');
    writeFileSync(`${file}.0123456789ab.partial`, 'half of something');
    mkdirSync(`${file}.lock`);
    const before = new Date(Date.now() - 60_000);
    utimesSync(`${file}.lock`, before, before);
    await editPrivateFile(file, (text) => `${text} and new`);
    expect(readFileSync(file, 'utf8')).toBe('old and new');
    expect(readdirSync(directory)).toEqual(['credentials']);
  });

  it('waits for another writer only up to its limit', async () => {
    writeFileSync(file, 'old');
    mkdirSync(`${file}.lock`);
    await expect(editPrivateFile(file, (text) => `${text} and new`, 300)).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${file}" is in use by another process`,
      hint: `It was not released within 0.3 seconds. If no other process is running, remove "${file}.lock".`,
    });
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  it('waits for another writer within its limit, with any number of attempts', async () => {
    mkdirSync(`${file}.lock`);
    setTimeout(() => rmdirSync(`${file}.lock`), 800);
    await editPrivateFile(file, () => 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  it('fails if no lock can be created', async () => {
    // names end at 255 bytes
    const long = join(directory, 'x'.repeat(251));
    await expect(editPrivateFile(long, () => 'new', 1000)).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `"${long}" could not be written (ENAMETOOLONG)`,
    });
  });

  it('does not touch a file that only looks like a partial file', async () => {
    const others = [
      'credentials.mine.partial',
      'credentials.mine.0123456789ab.partial',
      'credentials.0123456789ab.partial.bak',
      'x.0123456789ab.partial',
      'credentialX.0123456789ab.partial',
    ];
    for (const name of others) writeFileSync(join(directory, name), 'mine');
    await editPrivateFile(file, () => 'new');
    expect(readdirSync(directory)).toEqual([...others, 'credentials'].sort());
  });
});
