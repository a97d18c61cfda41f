import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkTagClaim,
  defaultTagClaims,
  sessionTags,
  sourceIdentity,
} from '../../src/exchange/session-claims.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html */
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const tagOf = (value: unknown) => sessionTags(['ref'], { ref: value })[0]?.value;
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.string({ unit: 'grapheme', maxLength: 600 }),
  // astral letters, which a cut may divide
  fc.array(fc.constantFrom('𝒜', '🚀', 'a', '#'), { maxLength: 300 }).map((list) => list.join('')),
);

describe('sessionTags', () => {
  it('are the claims that lead to the job, by default', () => {
    const claims = {
      project_path: 'acme/shop',
      ref: 'main',
      pipeline_id: '574',
      job_id: '302',
      user_login: 'sample-user',
      environment: 'production',
      user_email: 'sample-user@example.com',
    };
    expect(sessionTags(defaultTagClaims, claims)).toEqual([
      { name: 'project_path', value: 'acme/shop' },
      { name: 'ref', value: 'main' },
      { name: 'pipeline_id', value: '574' },
      { name: 'job_id', value: '302' },
      { name: 'user_login', value: 'sample-user' },
      { name: 'environment', value: 'production' },
    ]);
  });

  it.each([
    ['keeps every character that STS accepts', 'aZ0 _.:/=+-@', 'aZ0 _.:/=+-@'],
    ['keeps letters and digits of any script', 'Müller-本番-٣', 'Müller-本番-٣'],
    ['replaces other characters', 'fix#12!(a)*', 'fix-12--a--'],
    ['replaces a line break and a tab', 'a\nb\tc', 'a-b-c'],
    ['replaces an emoji by one character', 'ok🚀', 'ok-'],
    ['replaces a mark that is not a letter, but is folded to one', 'α\u0345', 'α-'],
    ['replaces the prefix that AWS reserves', 'AWS:x', 'AWS-x'],
    ['keeps that prefix in the middle', 'my-aws:x', 'my-aws:x'],
    ['keeps an empty value', '', ''],
    ['cuts to 256 characters', 'a'.repeat(300), 'a'.repeat(256)],
    ['does not keep half of a letter', `${'a'.repeat(255)}𝒜`, `${'a'.repeat(255)}-`],
    ['converts a number', 7, '7'],
    ['converts a boolean', true, 'true'],
  ])('%s', (_, text, expected) => {
    expect(tagOf(text)).toBe(expected);
  });

  it.each([
    ['absent', {}],
    ['null', { ref: null }],
    ['a list', { ref: ['a'] }],
    ['an object', { ref: { a: 'b' } }],
    ['of the prototype only', Object.create({ ref: 'x' })],
  ])('leaves out a claim that is %s', (_, claims) => {
    expect(sessionTags(['ref'], claims)).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('leaves out %s, which no token has', (name) => {
    expect(sessionTags([name], {})).toEqual([]);
  });

  it('have values that STS accepts, for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value = tagOf(text) ?? 'missing';
        expect(value).toMatch(tagText);
        expect(value).not.toMatch(/^aws:/i);
        expect(value.length).toBeLessThanOrEqual(256);
        expect(value.isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('have the value of the claim, if STS accepts it', () => {
    const good = anyText.filter(
      (text) => text.length <= 256 && tagText.test(text) && !/^aws:/i.test(text) && text.isWellFormed(),
    );
    fc.assert(
      fc.property(good, (text) => {
        expect(tagOf(text)).toBe(text);
      }),
    );
  });
});

describe('checkTagClaim', () => {
  it.each(['project_path', 'a', 'oidc.circleci.com/project-id', 'https://example.com/team', 'x'.repeat(128)])(
    'accepts %s',
    (name) => {
      expect(checkTagClaim(name)).toBe(name);
    },
  );

  it.each(['', 'a b', 'Project=project_path', 'aws:ref', 'AWS:ref', 'x'.repeat(129), 'a\nb', 'ré'])(
    'refuses "%s"',
    (name) => {
      expect(() => checkTagClaim(name)).toThrow('must be the name of a claim');
    },
  );

  it('accepts only keys that STS accepts', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.stringMatching(/^[\w./:=-]{0,140}$/)), (text) => {
        let key: string;
        try {
          key = checkTagClaim(text);
        } catch {
          return;
        }
        expect(key).toMatch(tagText);
        expect(key.length).toBeGreaterThan(0);
        expect(key.length).toBeLessThanOrEqual(128);
        expect(key).not.toMatch(/^aws:/i);
      }),
    );
  });
});

describe('sourceIdentity', () => {
  it.each([
    ['keeps a user name', 'sample.user', 'sample.user'],
    ['keeps an email address', 'a+b@example.com', 'a+b@example.com'],
    ['replaces the slash of a path', 'acme/shop', 'acme-shop'],
    ['cuts to 64 characters', 'u'.repeat(255), 'u'.repeat(64)],
  ])('%s', (_, value, expected) => {
    expect(sourceIdentity('user_login', { user_login: value })).toEqual({
      name: 'user_login',
      value: expected,
    });
  });

  it('must be a claim that the token has: without it, nobody could say who did it', () => {
    expect(() => sourceIdentity('jdoe', { user_login: 'jdoe' })).toThrow(
      expect.objectContaining({
        message: 'must be the name of a claim in the token',
        hint: 'For example user_login.',
      }),
    );
  });

  it('has at least two characters', () => {
    expect(() => sourceIdentity('user_login', { user_login: 'x' })).toThrow('must have 2 to 64 characters');
  });
});
