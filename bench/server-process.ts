import { fork } from 'node:child_process';
import { startSandbox } from '../sandbox/sandbox.ts';

/** A sandbox in a process of its own, so that it does not share the measured one's. */
export interface ServerProcess {
  readonly url: string;
  readonly token: string;
  stop(): void;
}

export function startServerProcess(): Promise<ServerProcess> {
  const child = fork(import.meta.filename, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (message: { url: string; token: string }) => {
      resolve({ ...message, stop: () => child.kill() });
    });
  });
}

if (process.send !== undefined) {
  const sandbox = await startSandbox();
  process.send({ url: sandbox.sts.url, token: await sandbox.issuer.mint({ expiresInSeconds: 3600 }) });
}
