import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describeToken } from './scrub.ts';

/** A proxy for STS that remembers which credentials it returned for whom. */
export interface StsLog {
  readonly url: string;
  /** The placeholder of each credential, such as `<key of ARN>`, by the credential and by its base64 form. */
  readonly names: ReadonlyMap<string, string>;
  stop(): void;
}

/**
 * At the path /look, GetCallerIdentity returns a description of the session's token instead of the user ID.
 *
 * @param target the URL of the real STS
 */
export async function startStsLog(target: string): Promise<StsLog> {
  const names = new Map<string, string>();
  const tokens = new Map<string, string>();
  const server = createServer(async (incoming, response) => {
    const asked = await buffer(incoming);
    const { method, headers, url = '/' } = incoming;
    const forwarded = request(target, { method, headers }, async (answer) => {
      const text = (await buffer(answer)).toString();
      for (const [secret, name] of credentialsIn(text)) names.set(secret, name);
      const key = /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1] ?? '';
      const token = new URLSearchParams(`${url.split('?')[1]}&${asked}`).get('WebIdentityToken');
      const origin = token === null ? tokens.get(key) : describeToken(token);
      const given = field(text, 'AccessKeyId');
      if (given !== undefined && origin !== undefined) tokens.set(given, origin);
      const body = url.startsWith('/look')
        ? text.replace(/(<UserId>)[^<]*/, `$1${encodeURIComponent(origin ?? '')}`)
        : text;
      const { 'transfer-encoding': _, ...rest } = answer.headers;
      response
        .writeHead(answer.statusCode ?? 502, { ...rest, 'content-length': Buffer.byteLength(body) })
        .end(body);
    });
    forwarded.on('error', () => response.writeHead(502).end());
    forwarded.end(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    names,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const field = (answer: string, name: string) => new RegExp(`<${name}>([^<]+)</`).exec(answer)?.[1];

const parts = {
  AccessKeyId: 'key',
  SecretAccessKey: 'secret',
  SessionToken: 'session token',
} as const;

/** The credentials in a response of STS, with their placeholders. */
function* credentialsIn(answer: string): Generator<readonly [string, string]> {
  const owner = field(answer, 'Arn');
  if (owner === undefined) return;
  for (const [name, word] of Object.entries(parts)) {
    const secret = field(answer, name);
    if (secret === undefined) continue;
    yield [secret, `<${word} of ${owner}>`];
    for (const end of ['', '\n'])
      yield [Buffer.from(secret + end).toString('base64'), `<base64 of ${word} of ${owner}>`];
  }
}
