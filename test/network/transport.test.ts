import { createServer, request as plainRequest, request as requestPlain } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeCertificate } from '../../sandbox/certificate.ts';
import { RuleError } from '../../src/errors.ts';
import { createAgents } from '../../src/network/transport.ts';
import { listen } from '../support/byte-server.ts';
import { type Made, makeCertificate as makeNamed, serveChain } from '../support/certificates.ts';
import { startProxy } from '../support/proxy.ts';

let trusted: Made;
let server: Awaited<ReturnType<typeof serveChain>>;
beforeAll(async () => {
  trusted = await makeCertificate();
  server = await serveChain(trusted, [], { answer: () => '{}' });
  vi.stubEnv('NO_PROXY', '');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

/** One request through these agents; the status, or the error. */
async function attempt(url: URL, ca: string | undefined): Promise<number | NodeJS.ErrnoException> {
  const { httpsAgent } = await createAgents(url, ca);
  const sent = request(url, { agent: httpsAgent });
  return new Promise((resolve) => {
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', resolve);
    sent.end();
  });
}

/** The same; the status, or the error's code. */
async function ask(url: URL, ca: string | undefined): Promise<number | string> {
  const answer = await attempt(url, ca);
  return typeof answer === 'number' ? answer : (answer.code ?? `no code: ${answer.message}`);
}

const here = () => new URL(`https://127.0.0.1:${server.port}/`);

describe('certificates', () => {
  const ways = [
    ['directly', async () => ''],
    ['through a proxy', async () => (await startProxy()).url],
  ] as const;

  it.each(ways)(
    'a server without a trusted certificate is refused %s, whatever the environment says',
    async (_, way) => {
      vi.stubEnv('HTTPS_PROXY', await way());
      for (const value of [undefined, '0']) {
        vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', value);
        expect(await ask(here(), undefined)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
      }
    },
  );

  it.each(ways)('a server whose certificate is in the bundle is used %s', async (_, way) => {
    vi.stubEnv('HTTPS_PROXY', await way());
    expect(await ask(here(), trusted.cert)).toBe(200);
  });

  it.each(ways)('a certificate for another name is refused %s', async (_, way) => {
    const other = makeNamed({ name: 'other.example.com', hosts: 'DNS:other.example.com' });
    const wrong = await serveChain(other, []);
    vi.stubEnv('HTTPS_PROXY', await way());
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await ask(new URL(`https://127.0.0.1:${wrong.port}/`), other.cert)).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
    await wrong.stop();
  });

  it('a TLS proxy without a trusted certificate does not learn where the request goes', async () => {
    const heard: string[] = [];
    const proxy = await listen((socket) => socket.on('data', (data) => heard.push(String(data))), {
      tls: trusted,
    });
    vi.stubEnv('HTTPS_PROXY', `https://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await ask(here(), undefined)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    expect(heard).toEqual([]);
    proxy.stop();
  });

  it('a TLS proxy without a trusted certificate receives nothing of a request without TLS either', async () => {
    const heard: string[] = [];
    const proxy = await listen((socket) => socket.on('data', (data) => heard.push(String(data))), {
      tls: trusted,
    });
    vi.stubEnv('HTTP_PROXY', `https://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { httpAgent } = await createAgents(new URL('http://sts.example.com'), undefined);
    const sent = plainRequest('http://sts.example.com', { agent: httpAgent });
    const code = await new Promise((resolve) => {
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end();
    });
    expect(code).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    expect(heard).toEqual([]);
    proxy.stop();
  });

  it('a TLS proxy whose certificate is in the bundle is used', async () => {
    const proxy = await listen(
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n')),
      { tls: trusted },
    );
    vi.stubEnv('HTTPS_PROXY', `https://127.0.0.1:${proxy.port}`);
    expect(await ask(here(), trusted.cert)).toBe('HTTP 403');
    proxy.stop();
  });
});

describe('the connection through a proxy', () => {
  it('uses one tunnel for several requests', async () => {
    const proxy = await startProxy('pass-word');
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    const { httpsAgent } = await createAgents(here(), trusted.cert);
    for (let count = 0; count < 2; count++) {
      await new Promise((resolve, reject) => {
        const sent = request(here(), { agent: httpsAgent }, (answer) => answer.resume().on('end', resolve));
        sent.on('error', reject).end();
      });
    }
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
    httpsAgent?.destroy();
  });

  it('works if the proxy has an IPv6 address', async () => {
    const proxy = await listen(
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n')),
      { host: '::1' },
    );
    vi.stubEnv('HTTPS_PROXY', `http://[::1]:${proxy.port}`);
    expect(await ask(here(), undefined)).toBe('HTTP 403');
    proxy.stop();
  });

  it.each([
    ['answers no', (socket: Socket) => socket.end('HTTP/1.1 407 Who are you?\r\n\r\n'), 'HTTP 407'],
    ['hangs up', (socket: Socket) => socket.end(), 'ECONNRESET'],
    ['is no proxy', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'), 'HPE_INVALID_CONSTANT'],
    [
      'breaks a header',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'),
      'HPE_INVALID_HEADER_TOKEN',
    ],
  ])('fails with a code if the proxy %s', async (_, answer, code) => {
    const proxy = await listen((socket) => socket.once('data', () => answer(socket)));
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`);
    expect(await ask(here(), undefined)).toBe(code);
    proxy.stop();
  });

  it('fails with the status that the proxy returns', async () => {
    const proxy = await listen((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 407 Who are you?\r\n\r\n')),
    );
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`);
    expect(await attempt(here(), undefined)).toMatchObject({
      message: 'the proxy returned status 407',
      code: 'HTTP 407',
      $response: { statusCode: 407 },
    });
    proxy.stop();
  });

  it('fails after ten seconds if the proxy does not respond', async () => {
    const silent = await listen(() => {});
    const soon = AbortSignal.timeout(20);
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(soon);
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${silent.port}`);
    expect(await ask(here(), undefined)).toBe('ABORT_ERR');
    expect(timeout.mock.calls).toEqual([[10_000]]);
    timeout.mockRestore();
    silent.stop();
  });

  it.each([['socks5://user:pass-word@127.0.0.1'], ['xhttp://user:pass-word@127.0.0.1'], ['http://']])(
    'is refused if the proxy is "%s", without repeating it',
    async (proxy) => {
      vi.stubEnv('HTTPS_PROXY', proxy);
      const error = await createAgents(here(), undefined).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(RuleError);
      expect(error.message).toBe('must be an http or https URL');
      expect(error.hint).toBe('For example http://proxy.example.com:3128.');
      expect(`${error.message}${error.hint}`).not.toContain('pass-word');
    },
  );
});

describe('the connection without TLS', () => {
  it('needs no agent if there is no proxy', async () => {
    vi.stubEnv('HTTP_PROXY', '');
    expect(await createAgents(new URL('http://127.0.0.1/'), undefined)).toEqual({});
  });

  it('requests the absolute URL from the proxy', async () => {
    const plain = createServer((incoming, response) => incoming.resume().on('end', () => response.end('{}')));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(plain.address() as AddressInfo).port}/`);
    const proxy = await startProxy('pass-word');
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const agents = await createAgents(url, undefined);
    expect(Object.keys(agents)).toEqual(['httpAgent']);
    const status = await new Promise((resolve, reject) => {
      const sent = requestPlain(url, { method: 'POST', agent: agents.httpAgent });
      sent.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode)));
      sent.on('error', reject).end();
    });
    expect(status).toBe(200);
    expect(proxy.asked).toEqual([`POST ${url.href}`]);
    agents.httpAgent?.destroy();
    proxy.stop();
    plain.close();
  });
});

describe('endless headers', () => {
  it.each([
    ['of a proxy', true],
    ['of a server', false],
  ])('%s are read up to 16 KiB', async (_, isProxy) => {
    const line = `X-Endless: ${'a'.repeat(1000)}\r\n`;
    let written = 0;
    const onSocket = (socket: Socket) => {
      const write = () => {
        while (socket.writable && written < 500_000_000) {
          written += line.length;
          if (!socket.write(line)) return;
        }
      };
      socket.on('drain', write).once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        write();
      });
    };
    const endless = await listen(onSocket, isProxy ? {} : { tls: trusted });
    vi.stubEnv('HTTPS_PROXY', isProxy ? `http://127.0.0.1:${endless.port}` : '');
    const url = isProxy ? here() : new URL(`https://127.0.0.1:${endless.port}/`);
    expect(await ask(url, trusted.cert)).toBe('HPE_HEADER_OVERFLOW');
    // what was on its way, in the buffers of the system
    expect(written).toBeLessThan(20_000_000);
    endless.stop();
  });
});
