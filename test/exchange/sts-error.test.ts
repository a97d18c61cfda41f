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
    ['the last status before those of the server', sdkError('Error', 'x', 499), 'foreign', 'HTTP 499'],
    ['the first status of the server', sdkError('Error', 'x', 500), 'passing', 'HTTP 500'],
    ['an unknown error of the server', sdkError('Error', 'x', 599), 'passing', 'HTTP 599'],
    [
      'keys that STS could not fetch',
      sdkError('InvalidIdentityToken', "Couldn't retrieve verification key from x", 400),
      'passing',
      'InvalidIdentityToken',
    ],
    [
      'a refusal that only repeats what is said of keys',
      sdkError('AccessDenied', "x: Couldn't retrieve verification key", 400),
      'refused',
      'AccessDenied',
    ],
    ['an unreadable answer', sdkError('Error', 'XML', 200), 'passing', 'UnreadableAnswer'],
    ['the last status of success', sdkError('Error', 'XML', 299), 'passing', 'UnreadableAnswer'],
    ['the first status of a redirect', sdkError('Error', 'XML', 300), 'foreign', 'HTTP 300'],
    ['a page of a proxy', sdkError('Error', 'XML', 403), 'foreign', 'HTTP 403'],
    ['a page that is not XML', sdkError('SyntaxError', 'XML', 403), 'foreign', 'HTTP 403'],
    ['a page with the wrong XML', sdkError('TypeError', 'XML', 403), 'foreign', 'HTTP 403'],
    ['a redirect', sdkError('Unknown', 'Unknown', 302), 'foreign', 'HTTP 302'],
    [
      "a code of STS's own, even if the SDK has the same word for none",
      Object.assign(sdkError('Error', 'no', 403), { Code: 'Unknown' }),
      'refused',
      'Unknown',
    ],
    [
      'a code that is not a string',
      Object.assign(sdkError('Error', 'no', 403), { Code: 5 }),
      'foreign',
      'HTTP 403',
    ],
    [
      'a message that is not a string',
      { Code: 'AccessDenied', message: 5, $response: { statusCode: 403 } },
      'foreign',
      'HTTP 403',
    ],
    [
      'an error with a status and no response',
      Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }),
      'refused',
      'AccessDenied',
    ],
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
    [
      'a host name that OpenSSL does not find in the certificate',
      Object.assign(new Error('x'), { code: 'HOSTNAME_MISMATCH' }),
      'untrusted',
      'HOSTNAME_MISMATCH',
    ],
    ['no TLS at all', Object.assign(new Error('x'), { code: 'EPROTO' }), 'untrusted', 'EPROTO'],
    [
      'a protocol that the system lacks',
      Object.assign(new Error('x'), { code: 'EPROTONOSUPPORT' }),
      'passing',
      'EPROTONOSUPPORT',
    ],
    [
      'a code that only begins like one of TLS',
      Object.assign(new Error('x'), { code: 'HOSTNAME_MISMATCH_X' }),
      'passing',
      'HOSTNAME_MISMATCH_X',
    ],
    [
      'a code that only ends like one of TLS',
      Object.assign(new Error('x'), { code: 'X_CERT_' }),
      'passing',
      'X_CERT_',
    ],
  ])('classifies %s', (_, error, kind, code) => {
    const found = toStsError(error, false);
    expect(found.name).toBe('StsError');
    expect(found.kind).toBe(kind);
    if (typeof code === 'string') expect(found.code).toBe(code);
    else expect(found.code).toMatch(code);
  });

  it.each([
    ['Throttling'],
    ['ThrottlingException'],
    ['RequestLimitExceeded'],
    ['TooManyRequestsException'],
    ['IDPCommunicationError'],
    ['InternalFailure'],
    ['ServiceUnavailable'],
  ])('classifies %s as transient, whatever the status', (code) => {
    expect(toStsError(sdkError(code, 'x', 400), false)).toMatchObject({ kind: 'passing', code });
  });

  it('classifies an aborted attempt as transient, whatever it threw', () => {
    expect(toStsError(new TypeError('x'), true)).toMatchObject({
      kind: 'passing',
      code: 'TimeoutError',
      message: 'No response in time.',
    });
  });

  it.each([
    [200, 'The response is incomplete or not from STS.'],
    [403, 'HTTP status 403'],
  ])('does not repeat a response of status %i that is not from STS', (status, message) => {
    expect(toStsError(sdkError('Error', '<html>', status), false)).toMatchObject({
      message,
      httpStatus: status,
    });
  });

  it.each([
    ['a mistake in code', new TypeError('x is not a function')],
    ['a configuration that the SDK does not take', Object.assign(new Error('x'), { name: 'EndpointError' })],
    ['a value that is not an error', 'boom'],
  ])('does not hide %s', (_, bug) => {
    expect(() => toStsError(bug, false)).toThrow(bug);
  });

  it.each([
    ['seconds', '7', 7000],
    ['seconds of two digits', '60', 60_000],
    ['seconds of nine digits', '999999999', 999_999_999_000],
    ['no seconds, where they have ten digits', '1234567890', undefined],
    ['a date that ends with its year', 'Sun Nov  6 08:49:37 1994', 0],
    ['a date that begins with its year', '1994-11-06T08:49:37Z', 0],
    ['a date', new Date(Date.now() + 60_000).toUTCString(), expect.closeTo(60_000, -4)],
    ['a date that has passed', 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['nonsense', 'soon', undefined],
  ])('reads Retry-After as %s', (_, value, ms) => {
    const error = sdkError('Throttling', 'Rate exceeded', 400, { 'retry-after': value });
    expect(toStsError(error, false).retryAfterMs).toEqual(ms);
  });
});
