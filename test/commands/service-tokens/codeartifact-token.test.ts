import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import aws4 from 'aws4';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type CodeArtifactTokenFlags,
  codeArtifactTokenCommand,
} from '../../../src/commands/service-tokens/codeartifact-token.ts';
import { limits } from '../../support/command-run.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { stubbedCredentials, stubCredentials } from '../../support/stub-credentials.ts';

const expiration = 1_772_366_400;
const good = JSON.stringify({ authorizationToken: 'eyJ-canary', expiration });

type Answer = (response: ServerResponse, count: number) => unknown;

const requests: IncomingMessage[] = [];
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  requests.length = 0;
  for (const server of servers.splice(0)) server.close();
});

async function startServer(answer: Answer): Promise<string> {
  const server = createServer((request, response) => answer(response, requests.push(request)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function getToken(answer: Answer, flags: Partial<CodeArtifactTokenFlags> = {}) {
  const url = await startServer(answer);
  const io = fakeIo({ AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_CODEARTIFACT: url });
  const exitCode = await codeArtifactTokenCommand(io, { domain: 'acme', ...flags }, limits);
  return { exitCode, printed: io.results(), text: io.text() };
}

/** The header by aws4, which shares no code with the SDK. */
function authorizationByAws4({ method = '', url = '', headers }: IncomingMessage) {
  const signed = aws4.sign(
    {
      service: 'codeartifact',
      region: 'eu-central-1',
      method,
      path: url,
      headers: {
        Host: headers.host ?? '',
        'X-Amz-Date': `${headers['x-amz-date']}`,
        'X-Amz-Content-Sha256': `${headers['x-amz-content-sha256']}`,
      },
    },
    stubbedCredentials,
  );
  return `${signed.headers?.Authorization}`;
}

const signatureOf = (header: string | undefined) => /Signature=(\w+)/.exec(header ?? '')?.[1];

describe('codeartifact-token', () => {
  stubCredentials();

  it('prints the token alone', async () => {
    const { exitCode, printed, text } = await getToken((response) => response.end(good));
    expect({ exitCode, printed }).toEqual({ exitCode: 0, printed: 'eyJ-canary\n' });
    expect(text).toContain('✔ token for the domain acme until 2026-03-01T12:00:00.000Z');
  });

  it.each([
    ['for as long as the session', {}, 'domain=acme&duration=0'],
    [
      'for another account, and a quarter of an hour',
      { domainOwner: '222222222222', duration: '15m' },
      'domain=acme&domain-owner=222222222222&duration=900',
    ],
  ])('asks for a token %s, with the signature that another signer makes', async (_, flags, query) => {
    await getToken((response) => response.end(good), flags);
    const [request] = requests;
    expect(`${request?.method} ${request?.url}`).toBe(`POST /v1/authorization-token?${query}`);
    expect(request?.headers['x-amz-security-token']).toBe(stubbedCredentials.sessionToken);
    const expected = authorizationByAws4(request as IncomingMessage);
    expect(signatureOf(request?.headers.authorization)).toBe(signatureOf(expected));
  });

  it('tries again after a temporary failure', async () => {
    const { exitCode, printed } = await getToken((response, count) => {
      if (count < 3) response.statusCode = 503;
      response.end(count < 3 ? '' : good);
    });
    expect({ exitCode, printed, requests: requests.length }).toEqual({
      exitCode: 0,
      printed: 'eyJ-canary\n',
      requests: 3,
    });
  });

  it.each<[string, number, Answer, RegExp]>([
    [
      'AWS refuses',
      1,
      (response) =>
        response
          .writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException:http://internal.amazon.com/x' })
          .end('{"message":"User is not authorized to perform: codeartifact:GetAuthorizationToken"}'),
      /not allowed to call codeartifact:GetAuthorizationToken.*\n.*not authorized to perform/,
    ],
    [
      'the domain does not exist',
      1,
      (response) =>
        response
          .writeHead(404)
          .end('{"__type":"com.amazonaws#ResourceNotFoundException","message":"Domain not found."}'),
      /ResourceNotFoundException[\s\S]*Domain not found/,
    ],
    ['something else answers', 1, (response) => response.end('<html>canary</html>'), /is not from AWS/],
    [
      'the token has two lines',
      1,
      (response) => response.end(JSON.stringify({ authorizationToken: 'canary\nX=1', expiration })),
      /is not from AWS/,
    ],
    [
      'the expiration is no time',
      1,
      (response) => response.end(JSON.stringify({ authorizationToken: 'canary', expiration: 1e300 })),
      /is not from AWS/,
    ],
    ['the answer does not end', 1, (response) => response.end('x'.repeat(2 << 20)), /is not from AWS/],
    ['AWS is not available', 75, (response) => response.writeHead(503).end(), /did not answer/],
    ['nothing answers', 75, () => {}, /did not answer codeartifact:GetAuthorizationToken \(TimeoutError\)/],
    ['the connection is reset', 75, (response) => response.destroy(), /did not answer .*ECONNRESET/],
  ])('says what to do if %s', async (_, code, answer, message) => {
    const { exitCode, printed, text } = await getToken(answer);
    expect({ exitCode, printed }).toEqual({ exitCode: code, printed: '' });
    expect(text).toMatch(message);
    expect(text).not.toContain('canary');
  });

  it('reports all invalid flags at once, and sends nothing', async () => {
    const flags = { domain: 'arn:aws:x', domainOwner: '1', duration: '10' };
    const { exitCode, text } = await getToken((response) => response.end(good), flags);
    expect(exitCode).toBe(2);
    for (const name of ['--domain', '--domain-owner', '--duration']) expect(text).toContain(`"${name}"`);
    expect(requests).toHaveLength(0);
  });

  it('says so if there are no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const { exitCode, text } = await getToken((response) => response.end(good));
    expect(exitCode).toBe(2);
    expect(text).toContain('No AWS credentials were found.');
  });
});
