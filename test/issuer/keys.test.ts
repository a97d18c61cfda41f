import fc from 'fast-check';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkKeys } from '../../src/issuer/keys.ts';

let token: string;
let key: JWK;
const header = { alg: 'RS256', kid: 'one' };
const url = new URL('https://gitlab.example.com/oauth/discovery/keys');

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  key = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'RS256' };
  token = await new SignJWT({ sub: 'x' }).setProtectedHeader(header).sign(privateKey);
});

/** What is found where the issuer's keys are these. */
async function check(keys: unknown, text = token) {
  const body = JSON.stringify({ keys });
  const checks = await checkKeys(text, header, url, async () => ({
    status: 200,
    body,
    date: undefined,
    elapsedMs: 1,
  }));
  return Object.fromEntries(checks.map(({ id, status, detail }) => [id, `${status}: ${detail}`]));
}

describe('checkKeys', () => {
  it('finds the key and verifies the signature', async () => {
    expect(await check([{ ...key, kid: 'other' }, key])).toEqual({
      algorithm: 'passed: The token is signed with RS256.',
      keys: `passed: ${url} responds in 1 ms.`,
      'key-id': 'passed: The key "one" is in the issuer\'s key set (size 2).',
      signature: 'passed: The signature matches that key.',
    });
  });

  it('finds a changed token', async () => {
    const [first, , last] = token.split('.');
    const changed = [first, Buffer.from('{"sub":"y"}').toString('base64url'), last].join('.');
    expect(await check([key], changed)).toMatchObject({
      signature: 'failed: The signature does not match that key.',
    });
  });

  it.each<[string, () => unknown]>([
    ['no n', () => ({ ...key, n: undefined })],
    ['no e', () => ({ ...key, e: undefined })],
    ['an empty n', () => ({ ...key, n: '' })],
    ['a number as n', () => ({ ...key, n: 7 })],
    ['an n that is too short', () => ({ ...key, n: 'AQAB' })],
    ['no type', () => ({ ...key, kty: undefined })],
    ['another type', () => ({ ...key, kty: 'EC' })],
    ['a symmetric type', () => ({ ...key, kty: 'oct', k: 'AAAA' })],
    ['a curve that there is none of', () => ({ kid: 'one', kty: 'EC', crv: 'P-1', x: 'AA', y: 'AA' })],
    ['another use', () => ({ ...key, use: 'enc' })],
    ['another algorithm', () => ({ ...key, alg: 'PS256' })],
    ['operations that are no list', () => ({ ...key, key_ops: 7 })],
  ])('reports that a key with %s cannot be used', async (_, broken) => {
    expect(await check([broken()])).toMatchObject({
      'key-id': 'passed: The key "one" is in the issuer\'s key set (size 1).',
      signature: expect.stringMatching(/^failed: That key cannot be used \(\w+\)\.$/),
    });
  });

  it('handles any keys', async () => {
    const part = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant('AQAB'));
    const some = fc.dictionary(
      fc.constantFrom('kty', 'n', 'e', 'use', 'alg', 'crv', 'x', 'y', 'key_ops'),
      part,
    );
    const keys = fc.oneof(
      fc.jsonValue(),
      fc.array(
        fc.oneof(
          some,
          some.map((one) => ({ ...key, ...one, kid: 'one' })),
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(keys, async (given) => {
        expect(await check(given)).toHaveProperty('key-id');
      }),
    );
  });
});
