import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/output/printable.ts';

describe('printable', () => {
  it.each([
    ['leaves plain text alone', 'feature/login – 本番 🚀', 'feature/login – 本番 🚀'],
    ['shows line breaks', 'a\nb\r\nc', 'a\\u{a}b\\u{d}\\u{a}c'],
    ['shows terminal escapes', '\u001b[2J\u009b31m', '\\u{1b}[2J\\u{9b}31m'],
    ['shows marks that reverse text', 'a\u202eb', 'a\\u{202e}b'],
    ['shows line separators', 'a\u2028b', 'a\\u{2028}b'],
    ['shows lone surrogates', 'a\ud800b', 'a\\u{d800}b'],
  ])('%s', (_, text, expected) => {
    expect(printable(text, 500)).toBe(expected);
  });

  it('cuts text that is too long', () => {
    expect(printable('x'.repeat(10), 10)).toBe('x'.repeat(10));
    expect(printable('x'.repeat(11), 10)).toBe(`${'x'.repeat(10)}…`);
  });

  it('returns one line without control characters for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text, 500)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
