import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsOidcError } from '../../src/errors.ts';
import { formatRegistries } from '../../src/hand-off/registries.ts';

const expiration = new Date('2026-01-31T23:59:00Z');

/** The variables, read as GitLab reads them. */
function parsed(report: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    report
      .trimEnd()
      .split('\n')
      .map((line) => /^(.*?)=(.*)$/.exec(line)?.slice(1) as [string, string]),
  );
}

/** A token as long as those of ECR, about 2,900 characters. */
const longAuth = (seed: string) => {
  const bytes = Array.from({ length: 50 }, (_, index) =>
    createHash('sha256').update(`${seed}${index}`).digest(),
  );
  const password = Buffer.concat(bytes).toString('base64');
  return Buffer.from(`AWS:${password}`).toString('base64');
};

describe('the report with the tokens of registries', () => {
  it('has the configuration for the runner, the hosts and the expiration', () => {
    const config = { auths: { 'a.example': { auth: 'QVdTOg==' } } };
    expect(formatRegistries(config, ['a.example', 'b.example'], expiration)).toBe(
      'DOCKER_AUTH_CONFIG={"auths":{"a.example":{"auth":"QVdTOg=="}}}\n' +
        'AWS_OIDC_DOCKER_LENGTH=43\n' +
        'AWS_OIDC_DOCKER_REGISTRIES=a.example,b.example\n' +
        'AWS_OIDC_DOCKER_EXPIRATION=2026-01-31T23:59:00Z\n',
    );
  });

  it('keeps any configuration, with no character that GitLab would strip, split or expand', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (auths) => {
        const { DOCKER_AUTH_CONFIG: json = '' } = parsed(formatRegistries({ auths }, [], expiration));
        expect(json).toMatch(/^[!-#%-~]*$/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ auths })));
      }),
    );
  });

  it('is measured as GitLab stores it: one token for five registries of a region fits', () => {
    const auth = longAuth('one');
    const auths = Object.fromEntries(
      ['1', '2', '3', '4', '5'].map((digit) => [
        `${digit.repeat(12)}.dkr.ecr.eu-central-1.amazonaws.com`,
        { auth },
      ]),
    );
    const report = formatRegistries({ auths }, Object.keys(auths), expiration);
    expect(report.length).toBeGreaterThan(5120);
    expect(gzipSync(report).length).toBeLessThan(5120);
  });

  it('is refused if it is too long', () => {
    const auths = Object.fromEntries(
      ['a', 'b', 'c'].map((host) => [host, { auth: longAuth(randomBytes(4).toString('hex')) }]),
    );
    const refused = () => formatRegistries({ auths }, ['a', 'b', 'c'], expiration);
    expect(refused).toThrow(AwsOidcError);
    expect(refused).toThrow(
      expect.objectContaining({
        code: 'HAND_OFF_FAILED',
        message: expect.stringMatching(
          /^A dotenv report must have less than 5120 bytes, compressed; this one has \d+$/,
        ),
        hint: expect.stringContaining('fewer regions'),
      }),
    );
  });
});
