import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuleError } from '../../src/errors.ts';
import { parseIdToken } from '../../src/exchange/id-token.ts';
import { unsignedToken } from '../support/token.ts';

const now = new Date('2026-01-01T00:00:00Z');
const nowSeconds = now.getTime() / 1000;
const parse = (text: string, ciJobToken?: string) => parseIdToken(text, ciJobToken, now);

describe('parseIdToken', () => {
  it('gives audiences as a list, whether the token has one or several', () => {
    expect(parse(unsignedToken({ aud: 'a' })).audiences).toEqual(['a']);
    expect(parse(unsignedToken({ aud: ['a', 'b'] })).audiences).toEqual(['a', 'b']);
  });

  it('takes a token that expires in a second, and one that never expires', () => {
    expect(parse(unsignedToken({ exp: nowSeconds + 1 })).claims.exp).toBe(nowSeconds + 1);
    expect(parse(unsignedToken()).claims.exp).toBeUndefined();
  });

  const threeParts = 'must be a JSON web token: three parts, separated by dots';
  it.each([
    ['the name of a variable', '$GITLAB_OIDC_TOKEN', 'must be a token, not the name of a variable'],
    ['a job token by its prefix', 'glcbt-64_abcdef', 'must be an ID token, not CI_JOB_TOKEN'],
    ['text without dots', 'abc', threeParts],
    ['two parts', 'abc.def', threeParts],
    ['five parts, as of an encrypted token', 'a.b.c.d.e', threeParts],
    ['a line break at the end', `${unsignedToken()}\n`, threeParts],
    ['a header that is no JSON', `abc.${unsignedToken().split('.')[1]}.def`, threeParts],
    ['claims that are no JSON', `${unsignedToken().split('.')[0]}.abc.def`, threeParts],
    [
      'claims that are a list',
      `${unsignedToken().split('.')[0]}.${Buffer.from('[]').toString('base64url')}.x`,
      threeParts,
    ],
    [
      'more than 20000 characters',
      unsignedToken({ x: 'x'.repeat(20_000) }),
      'must have at most 20000 characters',
    ],
    ['no audience', unsignedToken({ aud: undefined }), 'must have the claim "aud"'],
    ['an empty list of audiences', unsignedToken({ aud: [] }), 'must have the claim "aud"'],
    [
      'a token that expires this very second',
      unsignedToken({ exp: nowSeconds }),
      'must not be expired; it was valid until 2026-01-01T00:00:00.000Z',
    ],
    ...[
      { iss: { toString: [] } },
      { sub: 1 },
      { aud: { a: 1 } },
      { aud: ['x', 1] },
      { exp: '4000000000' },
      { nbf: null },
      { iat: [] },
    ].map((claims): [string, string, string] => [
      `claims of another type: ${JSON.stringify(claims)}`,
      unsignedToken(claims),
      `must have a claim "${Object.keys(claims)[0]}" of the type that it has in RFC 7519`,
    ]),
    [
      'a token that expired before the years that there are',
      unsignedToken({ exp: -1e15 }),
      'must not be expired; it was valid until a time before all others',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'RuleError', message }));
  });

  it('refuses the value of CI_JOB_TOKEN, whatever it looks like', () => {
    const token = unsignedToken();
    expect(() => parse(token, token)).toThrow('must be an ID token, not CI_JOB_TOKEN');
  });

  it('throws nothing but a RuleError, which repeats no part of the text, for any text', () => {
    const part = fc.string({ unit: 'binary', minLength: 12 });
    fc.assert(
      fc.property(
        fc.oneof(
          part,
          fc.tuple(part, part, part).map((parts) => parts.join('.')),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(RuleError);
            const { message, hint } = error as RuleError;
            const pieces = text.split('.').filter((piece) => piece.length >= 12);
            for (const piece of pieces) expect(`${message}${hint}`).not.toContain(piece);
          }
        },
      ),
    );
  });
});
