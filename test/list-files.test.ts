import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../src/list-files.ts';

describe('listFiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'list-'));
  for (const name of ['b', 'a', '.hidden', 'x/y/z', '.git/config', 'node_modules/p/index.js']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  symlinkSync('..', join(folder, 'x/up'));

  it('lists what is there, sorted, without links and what is nobody’s own', async () => {
    expect(await listFiles(folder, 100)).toEqual(['.hidden', 'a', 'b', 'x/y/z']);
  });

  it('stops at the limit', async () => {
    expect(await listFiles(folder, 2)).toEqual(['.hidden', 'a']);
  });
});
