import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wildcardMatcher } from '../../src/migration/wildcard.ts';

describe('wildcardMatcher', () => {
  it.each([
    ['ci/*.yml', 'ci/a.yml', true],
    ['ci/*.yml', 'ci/.yml', true],
    ['ci/*.yml', 'ci/.hidden.yml', true],
    ['ci/*.yml', 'ci/sub/a.yml', false],
    ['ci/*.yml', 'ci/a.yaml', false],
    ['ci/*.yml', 'xci/a.yml', false],
    ['ci/**.yml', 'ci/a.yml', true],
    ['ci/**.yml', 'ci/sub/sub/a.yml', true],
    ['ci/**/*.yml', 'ci/sub/a.yml', true],
    ['ci/**/*.yml', 'ci/a.yml', false],
    ['**.yml', 'a/b.yml', true],
    ['***.yml', 'a/b.yml', true],
    ['*', 'a', true],
    ['*', 'a/b', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    // characters that mean something elsewhere
    ['ci/[ab].*', 'ci/a.yml', false],
    ['ci/[ab].*', 'ci/[ab].yml', true],
    ['ci/?.*', 'ci/a.yml', false],
    ['ci/{a,b}.*', 'ci/a.yml', false],
    ['!ci/*', 'other/x', false],
    ['ci/a.*', 'ci/axyml', false],
    ['ü*😀', 'üü/😀', false],
    ['ü**😀', 'üü/😀', true],
  ])('%s and %s: %s', (pattern, path, matches) => {
    expect(wildcardMatcher(pattern)(path)).toBe(matches);
  });

  it('matches like the same pattern as a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (pattern, path) => {
        const source = pattern
          .replace(/[./]/g, '\\$&')
          .replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
        expect(wildcardMatcher(pattern)(path)).toBe(new RegExp(`^${source}$`).test(path));
      }),
    );
  });

  it('takes no time that grows like a power', () => {
    const matches = wildcardMatcher(`${'*a'.repeat(500)}z`);
    expect(matches(`${'a'.repeat(5000)}.yml`)).toBe(false);
  });
});
