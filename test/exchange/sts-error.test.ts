import { describe, expect, it } from 'vitest';
import { toStsError } from '../../src/exchange/sts-error.ts';

const sdkError = (name: string, message: string, status: number, headers = {}) =>
  Object.assign(new Error(message), { name, $response: { statusCode: status, headers } });

describe('toStsError', () => {
  it.each([
    ['a refusal', sdkError('AccessDenied', 'Not authorized', 403), 'refused', 'AccessDenied'],
    [
      "an error that the SDK names differently, by STS's own code",
      Object.assign(sdkError('IDPRejectedClaimException', 'no', 403), { Code: 'IDPRejectedClaim' }),
      'refused',
      'IDPRejectedClaim',
    ],
    ['throttling', sdkError('Throttling', 'Rate exceeded', 400), 'passing', 'Throttling'],
    ['too many requests', sdkError('Whatever', 'slow down', 429), 'passing', 'Whatever'],
    ['an error of the server', sdkError('InternalFailure', 'oops', 500), 'passing', 'InternalFailure'],
    ['an unknown error of the server', sdkError('Error', 'x', 599), 'passing', 'HTTP 599'],
    [
      'keys that STS could not fetch',
      sdkError('InvalidIdentityToken', "Couldn't retrieve verification key from x", 400),
      'passing',
      'InvalidIdentityToken',
    ],
    ['an unreadable answer', sdkError('Error', 'XML', 200), 'passing', 'UnreadableAnswer'],
    ['a page of a proxy', sdkError('Error', 'XML', 403), 'foreign', 'HTTP 403'],
    ['a redirect', sdkError('Unknown', 'Unknown', 302), 'foreign', 'HTTP 302'],
    [
      'a refused connection',
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      'passing',
      'ECONNREFUSED',
    ],
    [
      'a name that is not found',
      Object.assign(new Error('x'), { code: 'ENOTFOUND' }),
      'passing',
      'ENOTFOUND',
    ],
    ['a proxy that hangs up', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'passing', 'ECONNRESET'],
    [
      'a proxy that refuses',
      Object.assign(new Error('x'), { code: 'HTTP 407', $response: { statusCode: 407 } }),
      'foreign',
      'HTTP 407',
    ],
    [
      'an unknown CA',
      Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      'untrusted',
      /SELF/,
    ],
    [
      'an expired certificate',
      Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }),
      'untrusted',
      /CERT/,
    ],
    [
      'another host name',
      Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
      'untrusted',
      /TLS/,
    ],
    ['no TLS at all', Object.assign(new Error('x'), { code: 'EPROTO' }), 'untrusted', 'EPROTO'],
  ])('sorts %s', (_, error, kind, code) => {
    const found = toStsError(error, false);
    expect(found.kind).toBe(kind);
    if (typeof code === 'string') expect(found.code).toBe(code);
    else expect(found.code).toMatch(code);
  });

  it('calls an attempt that was ended a passing fault, whatever it threw', () => {
    expect(toStsError(new TypeError('x'), true)).toMatchObject({ kind: 'passing', code: 'TimeoutError' });
  });

  it.each([
    ['a mistake in code', new TypeError('x is not a function')],
    ['a configuration that the SDK does not take', Object.assign(new Error('x'), { name: 'EndpointError' })],
    ['something that is no error at all', 'boom'],
  ])('does not hide %s', (_, bug) => {
    expect(() => toStsError(bug, false)).toThrow(bug);
  });

  it.each([
    ['seconds', '7', 7000],
    ['a date', new Date(Date.now() + 60_000).toUTCString(), expect.closeTo(60_000, -4)],
    ['a date that has passed', 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['nonsense', 'soon', undefined],
  ])('reads Retry-After as %s', (_, value, ms) => {
    const error = sdkError('Throttling', 'Rate exceeded', 400, { 'retry-after': value });
    expect(toStsError(error, false).retryAfterMs).toEqual(ms);
  });
});
