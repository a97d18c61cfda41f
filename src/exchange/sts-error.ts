import { isUntrusted } from '../network/untrusted.ts';

/**
 * The failure of one request to STS, without the SDK's types and without the response.
 * - `refused`: STS refused the request.
 * - `passing`: throttled, an error of the server or the network, or STS could not reach the issuer.
 * - `untrusted`: the certificate is not trusted, or TLS itself failed.
 * - `foreign`: the response is not from STS but, for example, from a proxy.
 */
export class StsError extends Error {
  override readonly name = 'StsError';
  readonly kind: 'refused' | 'passing' | 'untrusted' | 'foreign';
  /** The error code of STS or of the network: `AccessDenied`, `ECONNREFUSED`. */
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

/** The fields of errors that the SDK and Node throw; all are optional, and none is trusted. */
interface RawError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** The code in the response of STS: the SDK gives some exceptions another name. */
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/** Codes of transient errors, regardless of the HTTP status. */
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

/**
 * Classifies an error of a request to STS by what can be done about it.
 *
 * @param error from the SDK or the network; read by its fields, because `instanceof` fails in a bundle
 * @param timedOut true if the attempt ran into its time limit
 * @throws the error itself, if it is a bug
 */
export function toStsError(error: unknown, timedOut: boolean): StsError {
  const raw = (typeof error === 'object' && error !== null ? error : {}) as RawError;
  const httpStatus = raw.$response?.statusCode ?? raw.$metadata?.httpStatusCode;
  if (timedOut) return new StsError('passing', 'TimeoutError', 'No response in time.');
  if (httpStatus === undefined) {
    // network errors have a code
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

/** The error code; undefined if the response is not an error document of STS. */
function stsCode(raw: RawError): string | undefined {
  const code = raw.Code ?? raw.name;
  if (typeof code !== 'string' || typeof raw.message !== 'string') return undefined;
  return raw.Code === undefined && ['Error', 'SyntaxError', 'TypeError', 'Unknown'].includes(code)
    ? undefined
    : code;
}

function networkError(code: string, message: string): StsError {
  return new StsError(isUntrusted(code) ? 'untrusted' : 'passing', code, message);
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date */
function retryAfter(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const value = headers?.['retry-after'];
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
