import { readdirSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles, startSandbox } from '../../sandbox/sandbox.ts';
import { freePort } from '../support/free-port.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import { unsignedToken } from '../support/token.ts';

/** An STS that never serves, for as long as it is asked. */
interface Broken {
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => unknown;
}

async function refusing(): Promise<Broken> {
  return { env: { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${await freePort()}` }, stop: () => {} };
}

async function silentServer(): Promise<{ readonly url: string; readonly stop: () => unknown }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function silent(): Promise<Broken> {
  const { url, stop } = await silentServer();
  return { env: { AWS_ENDPOINT_URL_STS: url }, stop };
}

/** It takes CONNECT, and says nothing. */
async function silentProxy(): Promise<Broken> {
  const { url, stop } = await silentServer();
  return { env: { AWS_ENDPOINT_URL_STS: 'https://sts.example.com', HTTPS_PROXY: url }, stop };
}

async function failing(): Promise<Broken> {
  const sandbox = await startSandbox();
  sandbox.sts.faults.plan({ kind: 'status', status: 500 }, 1000);
  return { env: { AWS_ENDPOINT_URL_STS: sandbox.sts.url }, stop: () => sandbox.stop() };
}

describe.concurrent('the job, with its own limits', () => {
  it.each([
    ['refuses connections', refusing],
    ['stays silent', silent],
    ['answers 500', failing],
    ['is behind a proxy that never answers', silentProxy],
  ] as const)(
    'ends with 75 after about a minute where STS %s',
    async (_, start) => {
      const broken = await start();
      const env = {
        GITLAB_OIDC_TOKEN: unsignedToken(),
        AWS_OIDC_ROLE_ARN: roles.deploy,
        ...broken.env,
      };
      const started = performance.now();
      const { exitCode, directory } = await runProgram(
        nodeUnderTest,
        [join(root, 'dist/assume-role.mjs')],
        env,
      );
      const seconds = (performance.now() - started) / 1000;
      broken.stop();
      expect({ exitCode, files: readdirSync(directory) }).toEqual({ exitCode: 75, files: [] });
      // the deadline is 60 seconds, and the last pause is not begun if it would end after it
      expect(seconds).toBeGreaterThan(40);
      expect(seconds).toBeLessThan(90);
    },
    120_000,
  );

  it('the doctor ends as well where a proxy never answers', async ({ expect }) => {
    const broken = await silentProxy();
    const env = { GITLAB_OIDC_TOKEN: unsignedToken(), AWS_OIDC_ROLE_ARN: roles.deploy, ...broken.env };
    const started = performance.now();
    const { exitCode } = await runProgram(nodeUnderTest, [join(root, 'dist/doctor.mjs')], env);
    const seconds = (performance.now() - started) / 1000;
    broken.stop();
    expect(exitCode).toBe(1);
    expect(seconds).toBeLessThan(100);
  }, 120_000);
});
