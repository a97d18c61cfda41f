import { type Agent as HttpAgent, request as httpRequest } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The server's own clock (the header Date), where it gives one. */
  readonly date: Date | undefined;
  readonly elapsedMs: number;
}

/** Agents for the way to a server: proxies, certificate authorities. */
export interface Agents {
  readonly httpAgent?: HttpAgent;
  readonly httpsAgent?: HttpsAgent;
}

/** STS gives an issuer this long: https://repost.aws/knowledge-center/iam-sts-invalididentitytoken */
export const answerLimitMs = 5000;
export const maxBytes = 1_000_000;

/**
 * One GET, as STS makes it: no redirect is followed, no credentials are sent.
 *
 * @throws the network's error, with its `code`; `ETIMEDOUT` after 5 seconds, `EMSGSIZE` over a megabyte
 */
export function httpGet(url: URL, { httpAgent, httpsAgent }: Agents): Promise<Answer> {
  const started = performance.now();
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', 'user-agent': 'aws-oidc' };
    const options = { headers, agent: secure ? httpsAgent : httpAgent, timeout: answerLimitMs };
    const sent = (secure ? httpsRequest : httpRequest)(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > maxBytes) sent.destroy(coded('EMSGSIZE', 'the answer is longer than a megabyte'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const date = new Date(answer.headers.date ?? Number.NaN);
        resolve({
          status: answer.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          date: Number.isNaN(date.getTime()) ? undefined : date,
          elapsedMs: performance.now() - started,
        });
      });
    });
    const tooLate = () => {
      const late = coded('ETIMEDOUT', 'no answer within 5 seconds');
      sent.destroy(late);
      // a request that waits for its proxy tells nobody that it was destroyed
      reject(late);
    };
    const timer = setTimeout(tooLate, answerLimitMs);
    sent.on('error', reject);
    sent.on('close', () => clearTimeout(timer));
    sent.end();
  });
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
