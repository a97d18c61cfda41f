import { request } from 'node:https';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeCertificate } from '../../sandbox/certificate.ts';
import { RuleError } from '../../src/errors.ts';
import { createAgents } from '../../src/exchange/transport.ts';
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

/** One request through these agents; the status, or the error's code. */
async function ask(url: URL, ca: string | undefined): Promise<number | string> {
  const { httpsAgent } = await createAgents(url, ca);
  const sent = request(url, { agent: httpsAgent });
  return new Promise((resolve) => {
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? `no code: ${error.message}`));
    sent.end();
  });
}

const here = () => new URL(`https://127.0.0.1:${server.port}/`);

describe('certificates', () => {
  const ways = [
    ['directly', async () => ''],
    ['through a proxy', async () => (await startProxy()).url],
  ] as const;

  it.each(ways)(
    'a server that nobody vouches for is refused %s, whatever the environment says',
    async (_, way) => {
      vi.stubEnv('HTTPS_PROXY', await way());
      for (const value of [undefined, '0']) {
        vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', value);
        expect(await ask(here(), undefined)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
      }
    },
  );

  it.each(ways)('a server that the bundle vouches for is asked %s', async (_, way) => {
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

  it('a proxy with TLS that nobody vouches for does not learn where the request goes', async () => {
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

  it('a proxy with TLS that the bundle vouches for is used', async () => {
    const proxy = await listen(
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n')),
      { tls: trusted },
    );
    vi.stubEnv('HTTPS_PROXY', `https://127.0.0.1:${proxy.port}`);
    expect(await ask(here(), trusted.cert)).toBe('HTTP 403');
    proxy.stop();
  });
});

describe('the way through a proxy', () => {
  it('is one tunnel for several requests', async () => {
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

  it('may begin at an IPv6 address', async () => {
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
  ])('ends with a code where the proxy %s', async (_, answer, code) => {
    const proxy = await listen((socket) => socket.once('data', () => answer(socket)));
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`);
    expect(await ask(here(), undefined)).toBe(code);
    proxy.stop();
  });

  it.each([['socks5://user:pass-word@127.0.0.1'], ['http://']])(
    'is refused where it is "%s", without repeating it',
    async (proxy) => {
      vi.stubEnv('HTTPS_PROXY', proxy);
      const error = await createAgents(here(), undefined).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(RuleError);
      expect(error.message).toBe('must be an http or https URL');
      expect(`${error.message}${error.hint}`).not.toContain('pass-word');
    },
  );
});

describe('headers without end', () => {
  it.each([
    ['of a proxy', true],
    ['of a server', false],
  ])('%s are left after 16 KiB', async (_, isProxy) => {
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
