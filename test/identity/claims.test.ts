import { describe, expect, it } from 'vitest';
import { audiencesOf, safeClaims, textClaim } from '../../src/identity/claims.ts';

describe('safeClaims', () => {
  it('shows where a token comes from, and nothing about a person', () => {
    const claims = {
      iss: 'https://gitlab.example.com',
      sub: 'x',
      project_path: 'acme/shop',
      ref_protected: 'true',
      user_email: 'a@example.com',
      user_login: 'a',
    };
    expect(safeClaims(claims)).toEqual([
      ['iss', 'https://gitlab.example.com'],
      ['sub', 'x'],
      ['project_path', 'acme/shop'],
      ['ref_protected', 'true'],
    ]);
  });

  it('shows claims that are no text as JSON', () => {
    expect(safeClaims({ aud: ['a', 'b'] })).toEqual([['aud', '["a","b"]']]);
  });
});

describe('audiencesOf', () => {
  it.each([
    ['a', ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [undefined, []],
    [42, []],
    [['a', 42], ['a']],
  ])('of %j are %j', (aud, audiences) => {
    expect(audiencesOf({ aud })).toEqual(audiences);
  });
});

describe('textClaim', () => {
  it('takes no text from the prototype, and nothing but text', () => {
    expect(textClaim({}, 'toString')).toBeUndefined();
    expect(textClaim({ a: 1, b: 'x' }, 'a')).toBeUndefined();
    expect(textClaim({ a: 1, b: 'x' }, 'b')).toBe('x');
  });
});
