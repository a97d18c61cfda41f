import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** The folder of moto and of the AWS CLI; `npm run test:peers` and `npm run test:gitlab` install them. */
export const peers = process.env.AWS_OIDC_PEERS ?? '';

/** moto's server, used as STS. */
export interface Moto {
  readonly url: string;
  stop(): void;
}

/** @throws {Error} if it does not respond within a minute */
export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const server = spawn(join(peers, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries++) {
    const answers = await fetch(`${url}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (answers) return { url, stop: () => server.kill() };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.kill();
  throw new Error('moto did not start');
}
