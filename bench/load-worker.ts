import { assumeRole } from '../src/exchange/assume-role.ts';
import { readOptions } from '../src/exchange/options.ts';
import { createSts } from '../src/exchange/sts.ts';
import { findToken } from '../src/exchange/token-source.ts';
import { defaultRetryLimits } from '../src/network/retry.ts';

/** The task of a worker, as JSON. */
export interface Work {
  readonly exchanges: number;
  /** The environment of a job. */
  readonly env: Readonly<Record<string, string>>;
  readonly roleArn: string;
  /** If false, every pause has its full length, so that all retry together. */
  readonly jitter: boolean;
}

/** The attempts of one exchange. */
export interface Attempts {
  readonly succeeded: boolean;
  readonly attempts: number;
  readonly waitedMs: number;
  readonly tookMs: number;
}

async function exchange({ env, roleArn }: Work): Promise<Attempts> {
  const options = readOptions({ role_arn: roleArn }, env, findToken(env, undefined), new Date());
  const pauses: number[] = [];
  const started = performance.now();
  const succeeded = await assumeRole(options, createSts(options, {}), defaultRetryLimits, (_, __, pauseMs) =>
    pauses.push(pauseMs),
  ).then(
    () => true,
    () => false,
  );
  return {
    succeeded,
    attempts: pauses.length + 1,
    waitedMs: pauses.reduce((sum, pause) => sum + pause, 0),
    tookMs: performance.now() - started,
  };
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  const work = JSON.parse(process.argv[2] ?? '') as Work;
  if (!work.jitter) Math.random = () => 1;
  // ready: all workers start together
  process.send([]);
  process.once('message', async () => {
    const done = await Promise.all(Array.from({ length: work.exchanges }, () => exchange(work)));
    process.send?.(done, () => process.disconnect());
  });
}
