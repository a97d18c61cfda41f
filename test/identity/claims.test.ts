import { describe, expect, it } from 'vitest';
import { audiencesOf, safeClaims, textClaim } from '../../src/identity/claims.ts';

describe('safeClaims', () => {
  it('returns the origin of a token, without personal data', () => {
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

  it('formats claims that are not strings as JSON', () => {
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
  it('ignores the prototype, and values that are not strings', () => {
    expect(textClaim({}, 'toString')).toBeUndefined();
    expect(textClaim({ a: 1, b: 'x' }, 'a')).toBeUndefined();
    expect(textClaim({ a: 1, b: 'x' }, 'b')).toBe('x');
  });
});
