import { createRequesterFn } from '@gitbeaker/requester-utils';
import { Deadline, type RetryLimits, retry } from '../network/retry.ts';
import type { Agents } from '../network/transport.ts';
import { connectionFailure, failureIn, GitlabFailure, jsonIn } from './failure.ts';
import { type HttpAnswer, type HttpRequest, sendRequest } from './http-request.ts';
import type { FoundToken } from './token.ts';

/** How requests are sent. */
export interface Connection {
  readonly token: FoundToken | undefined;
  readonly agents: Agents;
  readonly limits: RetryLimits;
}

/** A request as gitbeaker describes it. */
interface LibraryRequest {
  readonly prefixUrl?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly searchParams?: string;
  readonly body?: string;
}

/** Requests that one call of the API may need: pages of a list. */
const maxRequests = 50;

/**
 * How gitbeaker sends requests, in place of its own way, which puts responses and tokens into errors, ignores
 * proxies, certificates and Retry-After, and follows redirects. Every request throws a GitlabFailure. Make one for
 * each call of the API, because it counts the pages.
 */
export function createRequester(connection: Connection): ReturnType<typeof createRequesterFn> {
  let requests = 0;
  return createRequesterFn(
    async (_, options) => options,
    async (endpoint, options) => {
      requests++;
      if (requests > maxRequests)
        throw new GitlabFailure('foreign', `a list of more than ${maxRequests} pages`);
      const answer = await answerTo(requestOf(endpoint, options ?? {}, connection), connection);
      // gitbeaker's type has no place for JSON in general; each field is checked later
      const body = jsonIn(answer) as Record<string, unknown>;
      return { status: answer.status, headers: answer.headers as Record<string, string>, body };
    },
  );
}

function requestOf(endpoint: string, options: LibraryRequest, { token }: Connection): HttpRequest {
  const { prefixUrl = '', method = 'GET', headers = {}, searchParams, body } = options;
  const url = new URL(prefixUrl + endpoint);
  // a name like ".." would lead to another endpoint
  if (url.pathname !== new URL(prefixUrl).pathname + endpoint) {
    throw new GitlabFailure('refused', 'status 404', { status: 404 });
  }
  url.search = searchParams ?? '';
  const own = { ...authorization(token), accept: 'application/json', 'user-agent': 'aws-oidc' };
  return { url, method, headers: { ...headers, ...own }, body };
}

/** https://docs.gitlab.com/api/rest/authentication/ */
function authorization(token: FoundToken | undefined): Readonly<Record<string, string>> {
  if (token === undefined) return {};
  return token.kind === 'oauth' ? { authorization: `Bearer ${token.text}` } : { 'private-token': token.text };
}

/** Repeats requests that only read; GitLab may have carried out another one in spite of an error. */
async function answerTo(request: HttpRequest, { agents, limits }: Connection): Promise<HttpAnswer> {
  const judge = (error: unknown) => ({
    passing: request.method === 'GET' && error instanceof GitlabFailure && isPassing(error),
    retryAfterMs: error instanceof GitlabFailure ? error.retryAfterMs : undefined,
  });
  const attempt = async (signal: AbortSignal) => {
    const answer = await sendRequest(request, agents, signal).catch((error) => {
      throw connectionFailure(error);
    });
    const failure = failureIn(answer);
    if (failure !== undefined) throw failure;
    return answer;
  };
  return retry(attempt, new Deadline(limits), { limits, judge });
}

/** Others, such as a refused connection, are rarely over within a minute. */
const passingCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);

function isPassing({ kind, status, message }: GitlabFailure): boolean {
  // status 500 is an error in GitLab, which would happen again
  return kind === 'limited' || (kind === 'unavailable' && (status > 500 || passingCodes.has(message)));
}
