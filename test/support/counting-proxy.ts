import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Servers that pass requests on, and count them together. */
export interface CountingProxy {
  /** The address of each target's stand-in, in the order of the targets. */
  readonly urls: readonly string[];
  readonly count: number;
  /** From now on, `callback` runs after this many further requests, before their last response is passed on. */
  after(count: number, callback: () => void): void;
  stop(): void;
}

/** Starts a stand-in for each server. */
export async function startCountingProxy(...targets: readonly string[]): Promise<CountingProxy> {
  let count = 0;
  let planned: { at: number; callback: () => void } | undefined;
  const servers = targets.map((target) =>
    createServer(async (incoming, response) => {
      const body = await buffer(incoming);
      const { method = 'GET', url = '/', headers } = incoming;
      const onward = httpRequest(new URL(url, target), { method, headers }, async (answer) => {
        const content = await buffer(answer);
        count++;
        if (planned?.at === count) planned.callback();
        response.writeHead(answer.statusCode ?? 500, answer.headers).end(content);
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    }),
  );
  for (const server of servers) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    get count() {
      return count;
    },
    after(further, callback) {
      planned = { at: count + further, callback };
    },
    stop: () => {
      for (const server of servers) server.close();
    },
  };
}
