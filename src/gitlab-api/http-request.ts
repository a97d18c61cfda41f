import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Agents } from '../network/transport.ts';

/** A request to an HTTP API. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A server's response, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** 1 MiB: a page of 100 jobs is a third of it. */
const maxBytes = 1_048_576;

/**
 * Sends one request. No redirect is followed, because the headers contain a token.
 *
 * @param signal ends the attempt
 * @throws the network's error, with its `code`; `ETIMEDOUT` if the signal ended the attempt, `EMSGSIZE` if the
 *   response is longer than 1 MiB
 */
export function sendRequest(request: HttpRequest, agents: Agents, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method, headers, body } = request;
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: secure ? agents.httpsAgent : agents.httpAgent };
    const sent = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
      collect(response).then(resolve, fail);
    });
    const fail = (error: unknown) => {
      sent.destroy();
      // a request that waits for its proxy emits no error when it is destroyed
      reject(error);
    };
    signal.addEventListener('abort', () => fail(coded('ETIMEDOUT', 'no response in time')), { once: true });
    sent.on('error', fail);
    sent.end(body);
  });
}

function collect(response: IncomingMessage): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) reject(coded('EMSGSIZE', 'the response is longer than 1 MiB'));
    });
    response.on('error', reject);
    response.on('end', () => {
      const { statusCode: status = 0, headers } = response;
      resolve({ status, headers, body: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** An error with a code, as Node's network errors have one. */
function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
