import { afterEach, describe, expect, it } from 'vitest';
import { httpGet } from '../../src/issuer/http-get.ts';
import { type ByteServer, listen } from '../support/byte-server.ts';

let server: ByteServer | undefined;
afterEach(() => server?.stop());

async function get(answer: string) {
  server = await listen((socket) => socket.once('data', () => socket.end(answer)));
  return httpGet(new URL(`http://127.0.0.1:${server.port}/x`), {});
}

describe('httpGet', () => {
  it('returns status, body, and the server time', async () => {
    const answer = await get('HTTP/1.1 404 No\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n{}');
    expect(answer).toMatchObject({ status: 404, body: '{}', date: new Date('2026-01-01T00:00:00Z') });
  });

  it('reads at most 1 MB', async () => {
    expect((await get(`HTTP/1.1 200 OK\r\n\r\n${' '.repeat(1_000_000)}`)).body).toHaveLength(1_000_000);
    await expect(get(`HTTP/1.1 200 OK\r\n\r\n${' '.repeat(1_000_001)}`)).rejects.toMatchObject({
      code: 'EMSGSIZE',
    });
  });

  it('does not follow redirects', async () => {
    expect((await get('HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\n\r\n')).status).toBe(302);
  });
});
