import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type SandboxOptions, startSandbox } from '../sandbox/sandbox.ts';

/** A sandbox in its own process, so that it does not slow down the measured one. */
export interface ServerProcess {
  readonly url: string;
  readonly token: string;
  /** The times of the requests, in milliseconds since 1970. */
  arrivals(): Promise<readonly number[]>;
  stop(): void;
}

export async function startServerProcess(options: SandboxOptions = {}): Promise<ServerProcess> {
  const child = fork(import.meta.filename, [JSON.stringify(options)], { stdio: 'inherit' });
  const [address] = await once(child, 'message');
  return {
    ...address,
    arrivals: async () => {
      child.send('arrivals');
      const [times] = await once(child, 'message');
      return times;
    },
    stop: () => child.kill(),
  };
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  const sandbox = await startSandbox(JSON.parse(process.argv[2] ?? '{}'));
  // the benchmark has ended, or failed
  process.on('disconnect', () => process.exit());
  process.on('message', () => process.send?.(sandbox.sts.requests.map(({ at }) => at.getTime())));
  process.send({ url: sandbox.sts.url, token: await sandbox.issuer.mint({ expiresInSeconds: 3600 }) });
}
