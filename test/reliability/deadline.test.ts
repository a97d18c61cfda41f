import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles, startSandbox } from '../../sandbox/sandbox.ts';
import { listen } from '../support/byte-server.ts';
import { freePort } from '../support/free-port.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import { unsignedToken } from '../support/token.ts';

/** An STS that never returns a usable response. */
interface Broken {
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => unknown;
  /** How long each connection was open, if the server measures it. */
  readonly heldMs?: readonly number[];
}

async function refusing(): Promise<Broken> {
  return { env: { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${await freePort()}` }, stop: () => {} };
}

async function silent(): Promise<Broken> {
  const { port, stop } = await listen(() => {});
  return { env: { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` }, stop };
}

const throughProxy = (port: number) => ({
  AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
  HTTPS_PROXY: `http://127.0.0.1:${port}`,
});

/** Sends one byte per second. */
async function dripping(env: (port: number) => Broken['env']): Promise<Broken> {
  const heldMs: number[] = [];
  const { port, stop } = await listen((socket) => {
    const started = performance.now();
    const bytes = `HTTP/1.1 200 OK\r\nX-Slow: ${'a'.repeat(1000)}`[Symbol.iterator]();
    const timer = setInterval(() => socket.write(bytes.next().value ?? ''), 1000);
    socket.on('close', () => {
      clearInterval(timer);
      heldMs.push(performance.now() - started);
    });
  });
  return { env: env(port), stop, heldMs };
}

const drippingServer = () => dripping((port) => ({ AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` }));
const drippingProxy = () => dripping(throughProxy);

/** Accepts CONNECT and never responds. */
async function silentProxy(): Promise<Broken> {
  const { port, stop } = await listen(() => {});
  return { env: throughProxy(port), stop };
}

async function failing(): Promise<Broken> {
  const sandbox = await startSandbox();
  sandbox.sts.faults.plan({ kind: 'status', status: 500 }, 1000);
  return { env: { AWS_ENDPOINT_URL_STS: sandbox.sts.url }, stop: () => sandbox.stop() };
}

describe.concurrent('the job, with the real limits', () => {
  it.each([
    ['refuses connections', refusing],
    ['stays silent', silent],
    ['returns 500', failing],
    ['sends one byte per second', drippingServer],
    ['is behind a proxy that never responds', silentProxy],
    ['is behind a proxy that sends one byte per second', drippingProxy],
  ] as const)(
    'ends with 75 after about a minute if STS %s',
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
      if (broken.heldMs) expect(broken.heldMs.length).toBeGreaterThan(3);
      expect({ exitCode, files: readdirSync(directory) }).toEqual({ exitCode: 75, files: [] });
      // the deadline is 60 s, and no pause begins that would end after it
      expect(seconds).toBeGreaterThan(40);
      expect(seconds).toBeLessThan(90);
      // an attempt ends after 10 s and closes its connection
      for (const ms of broken.heldMs ?? []) expect(ms).toBeLessThan(14_000);
    },
    120_000,
  );

  it('doctor also ends if a proxy never responds', async ({ expect }) => {
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
