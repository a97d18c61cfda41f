import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStream } from '../../src/system/read-stream.ts';
import { root } from '../support/run-program.ts';

const file = join(mkdtempSync(join(tmpdir(), 'read-stream-')), 'file');

describe('readStream', () => {
  it('reads a file in pieces', async () => {
    const bytes = Buffer.alloc(3_000_000, 'x');
    writeFileSync(file, bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of readStream(file)) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces)).toEqual(bytes);
  });

  it('rejects if the file does not exist', async () => {
    const read = async () => {
      for await (const _ of readStream(`${file}.none`)) throw new Error('not reached');
    };
    await expect(read()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reads standard input', () => {
    const module = join(root, 'src/system/read-stream.ts');
    const script = `import { readStream } from ${JSON.stringify(module)};
      let length = 0;
      for await (const piece of readStream('-')) length += piece.length;
      console.log(length);`;
    const node = join(root, 'node_modules/node/bin/node');
    const input = Buffer.alloc(200_000, 'x');
    const { stdout } = spawnSync(node, ['--input-type=module', '--eval', script], {
      input,
      encoding: 'utf8',
    });
    expect(stdout).toBe('200000\n');
  });
});
