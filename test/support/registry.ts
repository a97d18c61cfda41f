import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCertificate } from './certificates.ts';
import { freePort } from './free-port.ts';
import { startProxy } from './proxy.ts';

/** The registry of the test account: its name, and the password that moto's ECR issues for it. */
export const registryHost = '111111111111.dkr.ecr.eu-central-1.amazonaws.com';
/** bcrypt of `111111111111-auth-token` */
const passwordHash = '$2b$04$H7emphm4XWf6HJ9zLhqk/.dHmXHKeqvyUnN/BmP9yRGlA3KacBbbK';

/** A registry with a password, which programs reach under the name of an ECR registry. */
export interface TestRegistry {
  /** The environment in which programs written in Go reach it, and trust its certificate. */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/**
 * Starts docker-registry with TLS, and a proxy that leads to it.
 *
 * @throws {Error} if it does not respond within 30 seconds
 */
export async function startRegistry(): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'registry-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const ca = makeCertificate({ name: 'test registry CA', ca: true });
  const server = makeCertificate({ name: registryHost, issuer: ca, hosts: `DNS:${registryHost}` });
  const port = await freePort();
  const configuration = {
    version: '0.1',
    storage: { filesystem: { rootdirectory: join(directory, 'storage') } },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: 'test',
      tls: { certificate: file('cert.pem', server.cert), key: file('key.pem', server.key) },
    },
    auth: { htpasswd: { realm: 'ecr', path: file('htpasswd', `AWS:${passwordHash}\n`) } },
    log: { accesslog: { disabled: true }, level: 'error' },
  };
  // YAML contains JSON
  const child = spawn('docker-registry', ['serve', file('config.yml', JSON.stringify(configuration))], {
    stdio: 'ignore',
  });
  const proxy = await startProxy(undefined, new URL(`http://127.0.0.1:${port}`));
  const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: file('ca.pem', ca.cert), PATH: '/usr/bin:/bin' };
  const stop = () => {
    child.kill();
    proxy.stop();
  };
  for (let tries = 0; tries < 300; tries++) {
    const { stdout } = await run('curl', [
      '-sk',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      `https://127.0.0.1:${port}/v2/`,
    ]);
    if (stdout === '401') return { env, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  stop();
  throw new Error('docker-registry did not start');
}

const run = (command: string, args: readonly string[]) =>
  promisify(execFile)(command, args).catch((error: { stdout: string }) => error);
