import {
  type ClientRequest,
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** A server's response. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The server's clock (the header Date), if the response has it. */
  readonly date: Date | undefined;
  readonly elapsedMs: number;
}

/** Agents with the proxy and the certificate authorities for a server. */
export interface Agents {
  readonly httpAgent?: HttpAgent;
  readonly httpsAgent?: HttpsAgent;
}

/** STS waits this long for an issuer: https://repost.aws/knowledge-center/iam-sts-invalididentitytoken */
export const answerLimitMs = 5000;
export const maxBytes = 1_000_000;

/**
 * Sends one GET request, as STS does: without following redirects or sending credentials.
 *
 * @throws the network's error, with its `code`; `ETIMEDOUT` after 5 s, `EMSGSIZE` above 1 MB
 */
export function httpGet(url: URL, { httpAgent, httpsAgent }: Agents): Promise<Answer> {
  const started = performance.now();
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', 'user-agent': 'aws-oidc' };
    const options = { headers, agent: secure ? httpsAgent : httpAgent, timeout: answerLimitMs };
    const request = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
      collect(response, request, started).then(resolve, reject);
    });
    const tooLate = () => {
      const late = noAnswer();
      request.destroy(late);
      // a request that waits for its proxy emits no error when it is destroyed
      reject(late);
    };
    const timer = setTimeout(tooLate, answerLimitMs);
    request.on('error', reject);
    request.on('close', () => clearTimeout(timer));
    request.end();
  });
}

/** Reads the body; a body that is too long ends the request. */
function collect(response: IncomingMessage, request: ClientRequest, started: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) request.destroy(networkError('EMSGSIZE', 'the response is longer than 1 MB'));
    });
    response.on('error', reject);
    response.on('end', () => {
      const date = new Date(response.headers.date ?? Number.NaN);
      resolve({
        status: response.statusCode ?? 0,
        body: Buffer.concat(chunks).toString('utf8'),
        date: Number.isNaN(date.getTime()) ? undefined : date,
        elapsedMs: performance.now() - started,
      });
    });
  });
}

export function noAnswer(): Error {
  return networkError('ETIMEDOUT', 'no response within 5 s');
}

/** An error with a code, as Node's network errors have one. */
export function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
