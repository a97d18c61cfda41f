import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsOidcError } from '../../src/errors.ts';
import { formatDotenv, formatSession } from '../../src/hand-off/dotenv.ts';
import type { Session } from '../../src/hand-off/session.ts';

const session: Session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'a+/=b',
  sessionToken: 'IQoJ+/==',
  expiration: new Date('2026-01-01T00:00:00.123Z'),
  region: 'eu-central-1',
  account: '111111111111',
  assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/deploy/x',
};

describe('formatSession', () => {
  it('hands on the keys, the region, the account, the expiration and the role', () => {
    expect(formatSession(session, '')).toBe(
      [
        'AWS_ACCESS_KEY_ID=ASIAEXAMPLE',
        'AWS_SECRET_ACCESS_KEY=a+/=b',
        'AWS_SESSION_TOKEN=IQoJ+/==',
        'AWS_REGION=eu-central-1',
        'AWS_DEFAULT_REGION=eu-central-1',
        'AWS_ACCOUNT_ID=111111111111',
        'AWS_CREDENTIAL_EXPIRATION=2026-01-01T00:00:00Z',
        'AWS_ASSUMED_ROLE_ARN=arn:aws:sts::111111111111:assumed-role/deploy/x',
        'AWS_OIDC_ACCESS_KEY_ID=ASIAEXAMPLE',
        '',
      ].join('\n'),
    );
  });

  it('puts the prefix before every name', () => {
    for (const line of formatSession(session, 'PROD_').trim().split('\n')) expect(line).toMatch(/^PROD_AWS_/);
  });

  it('fails if the session token is too long for a report', () => {
    expect(() => formatSession({ ...session, sessionToken: 'x'.repeat(5000) }, '')).toThrow(
      expect.objectContaining({
        code: 'HAND_OFF_FAILED',
        message: expect.stringMatching(/^A dotenv report can have 5120 bytes; this one has \d+$/),
        hint: expect.stringContaining('Session policies'),
      }),
    );
  });
});

describe('formatDotenv', () => {
  const line = 'must be one line of printable characters without spaces';
  it.each([
    ['a name with a hyphen', 'A-B', 'x', '"A-B" must be letters, digits and "_"'],
    ['an empty name', '', 'x', '"" must be letters, digits and "_"'],
    ['a value with a line break', 'A', 'x\nB=y', `The value of "A" ${line}`],
    ['a value with a carriage return', 'A', 'x\r', `The value of "A" ${line}`],
    ['a value with a space around it', 'A', ' x', `The value of "A" ${line}`],
    ['a value with a letter beyond ASCII', 'A', 'é', `The value of "A" ${line}`],
    ['a value with a NUL', 'A', '\0', `The value of "A" ${line}`],
    [
      'a value that GitLab would expand',
      'A',
      '$B',
      'The value of "A" must not contain "$": GitLab would expand it in the next job',
    ],
  ])('refuses %s', (_, name, value, message) => {
    expect(() => formatDotenv([[name, value]])).toThrow(
      expect.objectContaining({ code: 'HAND_OFF_FAILED', message }),
    );
  });

  it('accepts at most 20 variables and 5120 bytes', () => {
    const variables = (count: number) =>
      Array.from({ length: count }, (_, index) => [`A${index}`, 'x'] as const);
    expect(formatDotenv(variables(20)).split('\n')).toHaveLength(21);
    expect(() => formatDotenv(variables(21))).toThrow(
      'A dotenv report can have 20 variables; this one has 21',
    );
    expect(formatDotenv([['A', 'x'.repeat(5117)]])).toHaveLength(5120);
    expect(() => formatDotenv([['A', 'x'.repeat(5118)]])).toThrow(
      'A dotenv report can have 5120 bytes; this one has 5121',
    );
  });

  it("either refuses a variable or writes what GitLab's grammar reads back, for any name and value", () => {
    const name = fc.oneof(fc.stringMatching(/^\w{1,20}$/), fc.string());
    const value = fc.oneof(fc.stringMatching(/^[\x21-\x7e]*$/), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), { maxLength: 22, selector: ([key]) => key }),
        (variables) => {
          let text: string;
          try {
            text = formatDotenv(variables);
          } catch (error) {
            expect(error).toBeInstanceOf(AwsOidcError);
            return;
          }
          expect(readAsGitLab(text)).toEqual(variables);
        },
      ),
    );
  });
});

/** https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv, read literally */
function readAsGitLab(text: string): (readonly [string, string])[] {
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(5120);
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  expect(lines.length).toBeLessThanOrEqual(20);
  return lines.map((line) => {
    const [, key = '', value = ''] = /^([A-Za-z0-9_]+)=(.*)$/.exec(line) ?? [];
    expect(key).not.toBe('');
    expect(value).toBe(value.trim());
    expect(value).not.toContain('$');
    return [key, value];
  });
}
