import { describe, expect, it } from 'vitest';
import { redacted } from '../../src/text/redacted.ts';
import { unsignedToken } from '../support/token.ts';

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
    ['the password in an address', 'http://user:pass@proxy:1/x', [], 'http://[masked]@proxy:1/x'],
    ['nothing of another address', 'https://gitlab.com/a@b', [], 'https://gitlab.com/a@b'],
    ['nothing where there is nothing', 'Not authorized', [token], 'Not authorized'],
  ])('takes out %s', (_, text, secrets, expected) => {
    expect(redacted(text, secrets)).toBe(expected);
  });

  it('does not look for parts too short to mean anything', () => {
    expect(redacted('a b c', ['a', 'b.c'])).toBe('a b c');
  });
});
