import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectWith } from '../../src/aws-api/connection.ts';
import { privateEcrToken } from '../../src/aws-api/ecr.ts';
import { inHours } from '../support/ecr.ts';

const secretAccessKey = 'canary-secret-access-key';
const sessionToken = 'canary-session-token';
const session = async () => ({ accessKeyId: 'ASIA0000000000000000', secretAccessKey, sessionToken });
const token = Buffer.from('AWS:canary').toString('base64');

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A response of the server, which may repeat a part of the request. */
let answer: (request: IncomingMessage) => Answer;
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    const { status, body } = answer(request);
    request.resume().on('end', () => response.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_ECR', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

async function requestToken(response: typeof answer) {
  answer = response;
  return await privateEcrToken(connectWith('eu-central-1', undefined, () => session));
}

const issued = (data: object) => () => ({
  status: 200,
  body: JSON.stringify({
    authorizationData: [{ authorizationToken: token, expiresAt: inHours(12).getTime() / 1000, ...data }],
  }),
});

describe('a token of ECR', () => {
  it('is not waited for longer than a deadline', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const earlier = process.env.AWS_ENDPOINT_URL_ECR;
    vi.stubEnv('AWS_ENDPOINT_URL_ECR', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const connection = connectWith('eu-central-1', undefined, () => session);
    const failure = await privateEcrToken(connection, 300).catch((error) => error);
    vi.stubEnv('AWS_ENDPOINT_URL_ECR', earlier);
    silent.closeAllConnections();
    silent.close();
    expect(failure.code).toBe('UNAVAILABLE');
    expect(failure.message).toBe('AWS did not answer ecr:GetAuthorizationToken within 0.3 seconds.');
  });

  it.each([
    ['its message', 'AccessDeniedException', (secret: string) => ({ Message: `refused ${secret}` })],
    ['another message', 'InvalidParameterException', (secret: string) => ({ message: `refused ${secret}` })],
    ['its code', undefined, (secret: string) => ({ __type: secret })],
  ])('is refused without the session in the error, if %s repeats it', async (_, __type, fields) => {
    const failure = await requestToken(({ headers }) => ({
      status: 400,
      body: JSON.stringify({ __type, ...fields(String(headers['x-amz-security-token'])) }),
    })).catch((error) => error);
    expect(failure.code).toBe('REFUSED');
    const { message, lines, hint } = failure;
    expect(JSON.stringify({ message, lines, hint })).not.toContain(sessionToken);
    expect(JSON.stringify({ message, lines })).toContain('[masked]');
  });

  it.each<[string, number, string]>([
    ['no JSON', 200, `token ${token}`],
    ['a refusal that is no JSON', 400, `token ${token}`],
    ['a time that is no number', 200, issued({ expiresAt: token })().body],
    ['a redirect', 302, ''],
  ])('is not read from %s, of which no part is repeated', async (_, status, body) => {
    const failure = await requestToken(() => ({ status, body })).catch((error) => error);
    expect(failure).toMatchObject({
      code: 'REFUSED',
      message: 'The response to ecr:GetAuthorizationToken is not from AWS.',
      lines: [],
    });
  });

  it.each([5, [token], { token }, `${token}\n`, 'a$PATH', ''])(
    'is a text in base64, not %j',
    async (authorizationToken) => {
      await expect(requestToken(issued({ authorizationToken }))).rejects.toMatchObject({
        code: 'REFUSED',
        message: 'The response to ecr:GetAuthorizationToken lacks the token or its expiration.',
      });
    },
  );

  it.each([5, {}, [], null])('has no registry if the response has %j in its place', async (proxyEndpoint) => {
    const { auth, host } = await requestToken(issued({ proxyEndpoint }));
    expect({ auth, host }).toEqual({ auth: token, host: undefined });
  });
});
