/**
 * What went wrong with one request to STS, without the SDK's types and without its response.
 * - `refused`: STS answered no.
 * - `passing`: throttled, a fault of the server or the network, or STS could not reach the issuer.
 * - `untrusted`: the certificate or TLS itself failed.
 * - `foreign`: something answered that is not STS, a proxy for example.
 */
export class StsError extends Error {
  override readonly name = 'StsError';
  readonly kind: 'refused' | 'passing' | 'untrusted' | 'foreign';
  /** STS's error code, or the network's: `AccessDenied`, `ECONNREFUSED`. */
  readonly code: string;
  readonly httpStatus: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: StsError['kind'],
    code: string,
    message: string,
    answer: { httpStatus?: number | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.httpStatus = answer.httpStatus;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** What the SDK and Node put on the errors they throw; all of it is optional and none is trusted. */
interface RawError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** STS's own code: the SDK names some exceptions differently. */
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/** Codes that another attempt may not meet again, whatever the HTTP status. */
const passingCodes: ReadonlySet<unknown> = new Set([
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'IDPCommunicationError',
  'InternalFailure',
  'ServiceUnavailable',
]);

const verificationKey = /^Couldn't retrieve verification key/;

/** OpenSSL's and Node's names for a certificate or TLS that cannot be trusted. */
const untrustedCodes =
  /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH$)/;

/**
 * Sorts whatever a request to STS threw by what can be done about it.
 *
 * @param error from the SDK or the network; read by its fields, since `instanceof` fails once bundled
 * @param timedOut true when the attempt's own time limit ended it
 * @throws the error itself, where it is a mistake of a program and not of the world
 */
export function toStsError(error: unknown, timedOut: boolean): StsError {
  const raw = (typeof error === 'object' && error !== null ? error : {}) as RawError;
  const httpStatus = raw.$response?.statusCode ?? raw.$metadata?.httpStatusCode;
  if (timedOut) return new StsError('passing', 'TimeoutError', 'No response in time.');
  if (httpStatus === undefined) {
    // errors of the network have a code
    if (typeof raw.code !== 'string') throw error;
    return networkError(raw.code, String(raw.message));
  }
  const answer = { httpStatus, retryAfterMs: retryAfter(raw.$response?.headers) };
  if (httpStatus < 300) {
    return new StsError('passing', 'UnreadableAnswer', 'The response is incomplete or not from STS.', answer);
  }
  const code = stsCode(raw);
  const message = code === undefined ? `HTTP status ${httpStatus}` : String(raw.message);
  const passing =
    httpStatus >= 500 || httpStatus === 429 || passingCodes.has(code) || verificationKey.test(message);
  if (passing) return new StsError('passing', code ?? `HTTP ${httpStatus}`, message, answer);
  if (code === undefined) return new StsError('foreign', `HTTP ${httpStatus}`, message, answer);
  return new StsError('refused', code, message, answer);
}

/** The code, where the answer is an error document of STS at all. */
function stsCode(raw: RawError): string | undefined {
  const code = raw.Code ?? raw.name;
  if (typeof code !== 'string' || typeof raw.message !== 'string') return undefined;
  return raw.Code === undefined && ['Error', 'SyntaxError', 'TypeError', 'Unknown'].includes(code)
    ? undefined
    : code;
}

function networkError(code: string, message: string): StsError {
  return new StsError(untrustedCodes.test(code) ? 'untrusted' : 'passing', code, message);
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date */
function retryAfter(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const value = headers?.['retry-after'];
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
