import type { IncomingHttpHeaders } from 'node:http';
import { isUntrusted } from '../network/untrusted.ts';
import type { HttpAnswer } from './http-request.ts';

/**
 * Why a request to GitLab's API failed.
 * - `refused`: GitLab refused it, with a status of 400 or more.
 * - `limited`: too many requests were sent.
 * - `unavailable`: the server or the connection failed.
 * - `no-host`: the host has no address.
 * - `untrusted`: the certificate is not trusted, or TLS itself failed.
 * - `moved`: GitLab has the resource at another address.
 * - `foreign`: the response is not from GitLab's API but, for example, a login page.
 * - `mistyped`: a field of the response is missing, or not what GitLab documents.
 */
export type FailureKind =
  | 'refused'
  | 'limited'
  | 'unavailable'
  | 'no-host'
  | 'untrusted'
  | 'moved'
  | 'foreign'
  | 'mistyped';

/** What is known of a failure; nothing of it is shown as it is, except the detail. */
export interface FailureFacts {
  /** 0 if there was no response. */
  readonly status?: number;
  /** What GitLab says: the fields `message`, `error` and `error_description` of its response. */
  readonly says?: string;
  /** How long GitLab asks to wait. */
  readonly retryAfterMs?: number | undefined;
  /** The address that a redirect leads to, or the text that it was made from. */
  readonly location?: string | undefined;
}

/**
 * The failure of one request, without its response and its token. The message is safe to show: a network code,
 * the name of a field, or what the response is instead.
 */
export class GitlabFailure extends Error {
  override readonly name = 'GitlabFailure';
  readonly kind: FailureKind;
  readonly status: number;
  readonly says: string;
  readonly retryAfterMs: number | undefined;
  readonly location: string | undefined;

  constructor(kind: FailureKind, detail: string, facts: FailureFacts = {}) {
    super(detail);
    this.kind = kind;
    this.status = facts.status ?? 0;
    this.says = facts.says ?? '';
    this.retryAfterMs = facts.retryAfterMs;
    this.location = facts.location;
  }
}

/** Statuses of a server that may work again soon. https://docs.gitlab.com/api/rest/troubleshooting/#status-codes */
const unavailable: ReadonlySet<number> = new Set([500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** The failure in a response; undefined for a success. */
export function failureIn({ status, headers, body }: HttpAnswer): GitlabFailure | undefined {
  const detail = `status ${status}`;
  if (status >= 200 && status < 300) return undefined;
  if (status === 429) return new GitlabFailure('limited', detail, { status, retryAfterMs: pauseOf(headers) });
  if (unavailable.has(status)) {
    return new GitlabFailure('unavailable', detail, { status, retryAfterMs: pauseOf(headers) });
  }
  if (status >= 300 && status < 400) {
    return new GitlabFailure('moved', detail, { status, location: headers.location });
  }
  const says = sayings(body);
  if (says === undefined) return new GitlabFailure('foreign', `${detail} and ${kindOf(headers)}`, { status });
  return new GitlabFailure('refused', detail, { status, says });
}

/** The text of GitLab's JSON errors; undefined if it is another document. */
function sayings(body: string): string | undefined {
  try {
    const { message, error, error_description: description } = JSON.parse(body);
    if (message === undefined && error === undefined) return undefined;
    return [message, error, description]
      .map((part) => (part === undefined ? '' : JSON.stringify(part)))
      .join(' ');
  } catch {
    return undefined;
  }
}

/**
 * The JSON value in a response.
 *
 * @throws {GitlabFailure} `foreign` if it is not JSON; the message does not repeat it
 */
export function jsonIn({ headers, body, status }: HttpAnswer): unknown {
  const what = kindOf(headers);
  if (what !== 'JSON') throw new GitlabFailure('foreign', what, { status });
  try {
    return JSON.parse(body);
  } catch {
    throw new GitlabFailure('foreign', 'invalid JSON', { status });
  }
}

function kindOf(headers: IncomingHttpHeaders): string {
  const type = headers['content-type'] ?? '';
  if (/^application\/(\w+\+)?json\b/i.test(type)) return 'JSON';
  return /^text\/html\b/i.test(type) ? 'an HTML page' : 'a document that is not JSON';
}

/**
 * How long to wait, in milliseconds: Retry-After, in seconds or as a date, else RateLimit-Reset, in Unix time.
 * https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
 */
function pauseOf(headers: IncomingHttpHeaders): number | undefined {
  const after = headers['retry-after'] ?? '';
  const reset = String(headers['ratelimit-reset'] ?? '');
  if (/^\d{1,9}$/.test(after)) return Number(after) * 1000;
  const until = /^\d{1,12}$/.test(reset) ? Number(reset) * 1000 : Number.NaN;
  const at = Number.isNaN(Date.parse(after)) ? until : Date.parse(after);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/**
 * The failure of a connection.
 *
 * @throws the error itself, if it is a bug
 */
export function connectionFailure(error: unknown): GitlabFailure {
  const { code } = error as NodeJS.ErrnoException;
  // network errors have a code
  if (typeof code !== 'string') throw error;
  if (isUntrusted(code)) return new GitlabFailure('untrusted', code);
  if (code === 'ENOTFOUND') return new GitlabFailure('no-host', code);
  if (code === 'EMSGSIZE') return new GitlabFailure('foreign', 'a response of more than 1 MiB');
  if (code.startsWith('HPE_')) return new GitlabFailure('foreign', 'a response that is not HTTP');
  return new GitlabFailure('unavailable', code);
}
