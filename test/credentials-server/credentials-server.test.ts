import { request as send } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CredentialsServer,
  type ServedSession,
  startCredentialsServer,
} from '../../src/credentials-server/credentials-server.ts';

const session: ServedSession = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret+/key',
  sessionToken: 'IQoJtoken==',
  expiration: new Date('2030-01-31T23:59:00.123Z'),
  account: '111111111111',
};

let current: () => Promise<ServedSession>;
let server: CredentialsServer;
let url: URL;
beforeEach(async () => {
  current = async () => session;
  server = await startCredentialsServer({
    current: () => current(),
    explain: (error) => `because ${(error as Error).message}`,
  });
  url = new URL(server.endpoint.url);
});
afterEach(() => server.stop());

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask({ method = 'GET', path = url.pathname, headers = {} }: Sent = {}) {
  const all = { authorization: server.endpoint.authorizationToken, ...headers };
  return new Promise<{ status: number; body: Record<string, string>; type?: string }>((resolve, reject) => {
    const request = send({ host: url.hostname, port: url.port, method, path, headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      const { statusCode: status = 0 } = response;
      response.on('end', () => resolve({ status, body: text === '' ? {} : JSON.parse(text) }));
    });
    request.on('error', reject).end();
  });
}

/** What the server answers to these bytes until it closes the connection, and after how many milliseconds. */
function raw(bytes: string, drip = ''): Promise<{ readonly answer: string; readonly ms: number }> {
  const start = performance.now();
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(url.port), '127.0.0.1', () => socket.write(bytes));
    const timer = setInterval(() => drip && socket.write(drip), 100);
    socket.setEncoding('utf8').on('data', (part) => {
      answer += part;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ answer, ms: performance.now() - start });
    });
  });
}

describe('the credentials server', () => {
  it('serves the session as SDKs expect it of a container provider', async () => {
    expect(await ask()).toEqual({
      status: 200,
      body: {
        AccessKeyId: 'ASIAEXAMPLE',
        SecretAccessKey: 'secret+/key',
        Token: 'IQoJtoken==',
        Expiration: '2030-01-31T23:59:00Z',
        AccountId: '111111111111',
      },
    });
  });

  it.each<[string, Sent, number, string]>([
    ['another host', { headers: { host: 'attacker.example' } }, 403, 'WrongHost'],
    ['another host with the port', { headers: { host: 'attacker.example:PORT' } }, 403, 'WrongHost'],
    ['localhost', { headers: { host: 'localhost:PORT' } }, 403, 'WrongHost'],
    ['no port', { headers: { host: '127.0.0.1' } }, 403, 'WrongHost'],
    ['no token', { headers: { authorization: '' } }, 401, 'Unauthorized'],
    ['another token', { headers: { authorization: 'x'.repeat(43) } }, 401, 'Unauthorized'],
    ['a part of the token', { headers: { authorization: 'TOKEN_PART' } }, 401, 'Unauthorized'],
    ['a scheme before the token', { headers: { authorization: 'Bearer TOKEN' } }, 401, 'Unauthorized'],
    ['no token, on another path', { path: '/x', headers: { authorization: '' } }, 401, 'Unauthorized'],
    ['POST', { method: 'POST' }, 405, 'MethodNotAllowed'],
    ['OPTIONS', { method: 'OPTIONS' }, 405, 'MethodNotAllowed'],
    ['the root', { path: '/' }, 404, 'NotFound'],
    ['a longer path', { path: '/credentials/' }, 404, 'NotFound'],
    ['a query', { path: '/credentials?x=1' }, 404, 'NotFound'],
    ['a path that would lead to it', { path: '/x/../credentials' }, 404, 'NotFound'],
    ['an encoded path', { path: '/%63redentials' }, 404, 'NotFound'],
    ['two slashes', { path: '//credentials' }, 404, 'NotFound'],
    ['a whole URL', { path: 'http://127.0.0.1:PORT/credentials' }, 404, 'NotFound'],
  ])('refuses %s', async (_, sent, status, code) => {
    const { authorizationToken } = server.endpoint;
    const text = JSON.stringify(sent)
      .replace('PORT', url.port)
      .replace('TOKEN_PART', authorizationToken.slice(0, -1))
      .replace('TOKEN', authorizationToken);
    const { status: given, body } = await ask(JSON.parse(text));
    expect({ given, code: body.code, Code: body.Code }).toEqual({ given: status, code, Code: code });
    expect(body.message).toMatch(/ must /);
    expect(JSON.stringify(body)).not.toMatch(/ASIA|secret\+|IQoJ/);
    expect(JSON.stringify(body)).not.toContain(authorizationToken);
  });

  it('says why there is no session, with 503', async () => {
    current = async () => {
      throw new Error('the token expired');
    };
    const { status, body } = await ask();
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: 'SessionExpired',
      message: 'because the token expired',
      Message: 'because the token expired',
    });
  });

  it('has a token of 256 random bits', async () => {
    const other = await startCredentialsServer({ current: () => current(), explain: () => '' });
    other.stop();
    expect(Buffer.from(server.endpoint.authorizationToken, 'base64url')).toHaveLength(32);
    expect(other.endpoint.authorizationToken).not.toBe(server.endpoint.authorizationToken);
  });

  it('cannot be reached at another address of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((found) => found ?? [])
      .map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address))
      .filter((address) => address !== '127.0.0.1');
    for (const host of ['127.0.0.2', ...others]) {
      const code = await new Promise((resolve) => {
        const socket = connect(Number(url.port), host, () => resolve('connected'));
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).unref();
      });
      expect([host, code]).not.toEqual([host, 'connected']);
    }
  });

  it('answers 200 requests at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
  });

  it.each([
    ['headers that never end', 'GET /credentials HTTP/1.1\r\n', 'X: y\r\n'],
    ['a connection on which nothing comes', '', ''],
    ['a body that never ends', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n', 'x'],
  ])('does not wait for %s', async (_, bytes, drip) => {
    const { answer, ms } = await raw(bytes, drip);
    expect(ms).toBeLessThan(8000);
    expect(answer).not.toContain('200 OK');
    expect((await ask()).status).toBe(200);
  });

  it.each([
    ['a header of 10 kilobytes', `GET /credentials HTTP/1.1\r\nVALID\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`],
    ['a header of a mebibyte', `GET /credentials HTTP/1.1\r\nVALID\r\nX: ${'x'.repeat(1 << 20)}\r\n\r\n`],
    ['ten thousand headers', `GET /credentials HTTP/1.1\r\nVALID\r\n${'X: y\r\n'.repeat(10_000)}\r\n`],
    ['what is not HTTP', `${'\0'.repeat(100)}\r\n\r\n`],
    ['no host', 'GET /credentials HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /credentials HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ])('refuses %s, and goes on', async (_, bytes) => {
    const valid = `Host: ${url.host}\r\nAuthorization: ${server.endpoint.authorizationToken}`;
    const { answer } = await raw(bytes.replace('VALID', valid));
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await ask()).status).toBe(200);
  });

  it('answers one request on a connection', async () => {
    const head = `GET /credentials HTTP/1.1\r\nHost: ${url.host}\r\n`;
    const two = `${head}\r\n${head}Authorization: ${server.endpoint.authorizationToken}\r\n\r\n`;
    const { answer } = await raw(two);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer).toContain('401');
  });

  it('ends its connections when it stops', async () => {
    const ended = raw('GET /credentials HTTP/1.1\r\n');
    server.stop();
    expect((await ended).ms).toBeLessThan(2000);
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
