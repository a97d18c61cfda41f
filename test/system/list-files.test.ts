import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLinkOutOf, listFiles } from '../../src/system/list-files.ts';

describe('listFiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'list-'));
  for (const name of ['b', 'a', '.hidden', 'x/y/z', '.git/config', 'node_modules/p/index.js']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  symlinkSync('..', join(folder, 'x/up'));

  it('lists files, sorted, without links and without other people’s code', async () => {
    expect(await listFiles(folder, 100, process.env)).toEqual(['.hidden', 'a', 'b', 'x/y/z']);
  });

  it('stops at the limit', async () => {
    expect(await listFiles(folder, 2, process.env)).toEqual(['.hidden', 'a']);
  });
});

describe('isLinkOutOf', () => {
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  const folder = mkdtempSync(join(tmpdir(), 'repository-'));
  mkdirSync(join(folder, 'ci'));
  for (const file of [join(outside, 'file'), join(folder, 'file'), join(folder, 'ci/file')])
    writeFileSync(file, '');
  symlinkSync(join(outside, 'file'), join(folder, 'out'));
  symlinkSync('file', join(folder, 'in'));
  symlinkSync('../out', join(folder, 'ci/far'));
  symlinkSync(outside, join(folder, 'folder'));
  symlinkSync(folder, join(outside, 'repository'));
  symlinkSync(join(folder, 'file'), join(outside, 'link'));

  it.each([
    ['a file', 'file', false],
    ['a file further down', 'ci/file', false],
    ['a link to a file of the repository', 'in', false],
    ['a link to a file elsewhere', 'out', true],
    ['a link to such a link', 'ci/far', true],
    ['a file in a linked folder', 'folder/file', true],
    ['a file elsewhere that is named by its path', '../NAME/file', false],
    ['a link elsewhere', '../NAME/link', true],
  ])('reports %s', async (_, path, leaves) => {
    const named = join(folder, path.replace('NAME', outside.split('/').at(-1) ?? ''));
    expect(await isLinkOutOf(folder, named)).toBe(leaves);
    // the repository's own place may be behind a link
    if (!path.startsWith('..'))
      expect(await isLinkOutOf(join(outside, 'repository'), join(outside, 'repository', path))).toBe(leaves);
  });

  it('fails if the path does not exist', async () => {
    await expect(isLinkOutOf(folder, join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
