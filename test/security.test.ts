import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/run-program.ts';

const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');

/** Each bullet is a claim: `test/a.test.ts`, `test/b.test.ts`: "title", "title"; … */
const claims = text.split('\n').filter((line) => line.startsWith('- '));
const shown = claims.flatMap((claim) =>
  [...claim.matchAll(/((?:`test\/[^`]+`(?:, )?)+): ((?:"[^"]+"(?:, )?)+)/g)].flatMap(
    ([, files = '', titles = '']) =>
      [...files.matchAll(/`([^`]+)`/g)].flatMap(([, file = '']) =>
        [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => [file, title] as const),
      ),
  ),
);

describe('the threat model', () => {
  it.each(shown)('names an existing test: %s, %s', (file, title) => {
    const path = join(root, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(title);
  });

  it('names a test or a CI check for each claim', () => {
    const without = claims.filter(
      (claim) => !/`test\/[^`]+`.*: "|`npm run test:reproducible`, in CI/.test(claim),
    );
    expect(without).toEqual([]);
    expect(shown.length).toBeGreaterThan(40);
  });
});
