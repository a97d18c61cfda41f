import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuleError } from '../../src/errors.ts';
import { parseIdToken } from '../../src/exchange/id-token.ts';
import { unsignedToken } from '../support/token.ts';

const now = new Date('2026-01-01T00:00:00Z');
const nowSeconds = now.getTime() / 1000;
const parse = (text: string, ciJobToken?: string) => parseIdToken(text, ciJobToken, now);

describe('parseIdToken', () => {
  it('returns audiences as a list, whether the token has one or several', () => {
    expect(parse(unsignedToken({ aud: 'a' })).audiences).toEqual(['a']);
    expect(parse(unsignedToken({ aud: ['a', 'b'] })).audiences).toEqual(['a', 'b']);
  });

  it('accepts a token that expires in a second, and one that never expires', () => {
    expect(parse(unsignedToken({ exp: nowSeconds + 1 })).claims.exp).toBe(nowSeconds + 1);
    expect(parse(unsignedToken()).claims.exp).toBeUndefined();
  });

  it('accepts a token of 20000 characters', () => {
    const longest = unsignedToken().padEnd(20_000, 'A');
    expect(parse(longest).text).toBe(longest);
  });

  const notToken = [
    'must be a JSON Web Token: three parts, separated by dots',
    'Declare it under "id_tokens" in the job.',
  ] as const;
  const jobToken = [
    'must be an ID token, not CI_JOB_TOKEN',
    'Declare it under "id_tokens" in the job.',
  ] as const;
  const noAudience = [
    'must have the claim "aud"',
    'CI_JOB_JWT had none. Declare an ID token with "aud" under "id_tokens".',
  ] as const;
  const expired =
    "An ID token expires with the job's timeout. Run the job again; if this persists, check the clock of this machine.";

  it.each<[what: string, text: string, message: string, hint?: string]>([
    [
      'the name of a variable',
      '$GITLAB_OIDC_TOKEN',
      'must be a token, not the name of a variable',
      'That variable is not set in this job.',
    ],
    ['a job token by its prefix', 'glcbt-64_abcdef', ...jobToken],
    ['text without dots', 'abc', ...notToken],
    ['two parts', 'abc.def', ...notToken],
    ['five parts, as of an encrypted token', 'a.b.c.d.e', ...notToken],
    ['a space at the beginning', ` ${unsignedToken()}`, ...notToken],
    ['a line break at the end', `${unsignedToken()}\n`, ...notToken],
    ['a header that is not JSON', `abc.${unsignedToken().split('.')[1]}.def`, ...notToken],
    ['claims that are no JSON', `${unsignedToken().split('.')[0]}.abc.def`, ...notToken],
    [
      'claims that are a list',
      `${unsignedToken().split('.')[0]}.${Buffer.from('[]').toString('base64url')}.x`,
      ...notToken,
    ],
    ['more than 20000 characters', unsignedToken().padEnd(20_001, 'A'), 'must have at most 20000 characters'],
    ['no audience', unsignedToken({ aud: undefined }), ...noAudience],
    ['an empty list of audiences', unsignedToken({ aud: [] }), ...noAudience],
    [
      'a token that expires this very second',
      unsignedToken({ exp: nowSeconds }),
      'must not be expired; it expired at 2026-01-01T00:00:00.000Z',
      expired,
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
      `must have the claim "${Object.keys(claims)[0]}" with the type that RFC 7519 defines`,
    ]),
    [
      'a token that expired before the years that there are',
      unsignedToken({ exp: -1e15 }),
      'must not be expired; it expired at an invalid time',
      expired,
    ],
  ])('refuses %s', (_, text, message, hint) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'RuleError', message, hint }));
  });

  it('refuses the value of CI_JOB_TOKEN, in any format', () => {
    const token = unsignedToken();
    expect(() => parse(token, token)).toThrow('must be an ID token, not CI_JOB_TOKEN');
  });

  it('throws only a RuleError that repeats no part of the text, for any text', () => {
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
