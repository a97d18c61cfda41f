import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, redacted } from '../../src/log/printable.ts';
import { unsignedToken } from '../support/token.ts';

describe('printable', () => {
  it.each([
    ['leaves plain text alone', 'feature/login – 本番 🚀', 'feature/login – 本番 🚀'],
    ['shows line breaks', 'a\nb\r\nc', 'a\\u{a}b\\u{d}\\u{a}c'],
    ['shows terminal escapes', '\u001b[2J\u009b31m', '\\u{1b}[2J\\u{9b}31m'],
    ['shows marks that turn text around', 'a\u202eb', 'a\\u{202e}b'],
    ['shows separators of lines', 'a\u2028b', 'a\\u{2028}b'],
    ['shows half of a pair', 'a\ud800b', 'a\\u{d800}b'],
  ])('%s', (_, text, expected) => {
    expect(printable(text, 500)).toBe(expected);
  });

  it('cuts what is too long', () => {
    expect(printable('x'.repeat(11), 10)).toBe(`${'x'.repeat(10)}…`);
  });

  it('gives one line without control characters for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text, 500)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('redacted', () => {
  const token = unsignedToken();
  const [, payload = '', signature = ''] = token.split('.');

  it.each([
    ['a whole token', `Value '${token}' is wrong`, [token], "Value '[masked]' is wrong"],
    ['a part of a token', `… ${payload}`, [token], '… [masked]'],
    ['a signature', `${signature}!`, [token], '[masked]!'],
    ['a key', 'key wJalrXUtnFEMI/K7MDENG', ['wJalrXUtnFEMI/K7MDENG'], 'key [masked]'],
    ['every occurrence', 'secret-1 secret-1', ['secret-1'], '[masked] [masked]'],
    ['a token that nobody told of', `found: ${token}`, [], 'found: [masked]'],
    ['nothing where there is nothing', 'Not authorized', [token], 'Not authorized'],
  ])('takes out %s', (_, text, secrets, expected) => {
    expect(redacted(text, secrets)).toBe(expected);
  });

  it('does not look for parts too short to mean anything', () => {
    expect(redacted('a b c', ['a', 'b.c'])).toBe('a b c');
  });
});
