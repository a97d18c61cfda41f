import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceFiles } from '../../src/system/replace-files.ts';

const directory = () => mkdtempSync(join(tmpdir(), 'replace-'));

describe('replaceFiles', () => {
  it('replaces files and keeps their modes', async () => {
    const folder = directory();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(a, 'old');
    writeFileSync(b, 'old');
    chmodSync(b, 0o750);
    await replaceFiles(
      new Map([
        [a, 'new a'],
        [b, 'new b'],
      ]),
    );
    expect([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')]).toEqual(['new a', 'new b']);
    expect(statSync(b).mode & 0o777).toBe(0o750);
    expect(readdirSync(folder)).toEqual(['a', 'b']);
  });

  it('replaces none if one cannot be replaced, and leaves nothing behind', async () => {
    const folder = directory();
    const a = join(folder, 'a');
    writeFileSync(a, 'old');
    await expect(
      replaceFiles(
        new Map([
          [a, 'new'],
          [join(folder, 'missing'), 'new'],
        ]),
      ),
    ).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readFileSync(a, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('keeps a symbolic link', async () => {
    const folder = directory();
    writeFileSync(join(folder, 'real'), 'old');
    symlinkSync('real', join(folder, 'link'));
    await replaceFiles(new Map([[join(folder, 'link'), 'new']]));
    expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['link', 'real']);
  });
});
