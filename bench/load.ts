import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { roles } from '../sandbox/sandbox.ts';
import type { Attempts, Work } from './load-worker.ts';
import { median, progress } from './measure.ts';
import { plotSvg } from './plot.ts';
import { startServerProcess } from './server-process.ts';

/** Many exchanges that start at the same moment, with an STS that throttles. */
export interface Load {
  readonly exchanges: number;
  readonly processes: number;
  /** The rate that STS accepts. */
  readonly requestsPerSecond: number;
  readonly jitter?: boolean;
}

export interface LoadResult {
  readonly load: Load;
  readonly attempts: readonly Attempts[];
  /** When requests reached STS, in milliseconds since the first. */
  readonly arrivals: readonly number[];
}

const worker = join(import.meta.dirname, 'load-worker.ts');

/** Runs a load with the program's own limits: 60 s in total, 10 s per attempt. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const { exchanges, processes, requestsPerSecond, jitter = true } = load;
  const server = await startServerProcess({ requestsPerSecond });
  const env = { GITLAB_OIDC_TOKEN: server.token, AWS_ENDPOINT_URL_STS: server.url };
  const work: Work = { exchanges: exchanges / processes, env, roleArn: roles.deploy, jitter };
  const children = Array.from({ length: processes }, () => fork(worker, [JSON.stringify(work)]));
  try {
    await Promise.all(children.map(nextMessage));
    progress(`${exchanges} exchanges at once`);
    const answers = children.map(nextMessage);
    for (const child of children) child.send('begin');
    const attempts = (await Promise.all(answers)).flat();
    const times = await server.arrivals();
    const first = Math.min(...times);
    return { load, attempts, arrivals: times.map((time) => time - first) };
  } finally {
    progress('');
    server.stop();
  }
}

function nextMessage(child: ChildProcess): Promise<readonly Attempts[]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
    child.once('message', (message) => resolve(message as readonly Attempts[]));
  });
}

/** @returns Markdown */
export function loadTable(results: readonly LoadResult[]): string {
  const rows = results.map(({ load, attempts, arrivals }) => {
    const succeeded = attempts.filter((one) => one.succeeded).length;
    const tries = attempts.map((one) => one.attempts);
    const waited = attempts.map(({ waitedMs }) => waitedMs / 1000);
    const took = attempts.map(({ tookMs }) => tookMs / 1000);
    const cells = [
      load.jitter === false ? 'without jitter' : 'with full jitter',
      `${succeeded} of ${attempts.length}`,
      `${median(tries)} (${Math.max(...tries)})`,
      `${median(waited).toFixed(1)} (${Math.max(...waited).toFixed(1)})`,
      `${median(took).toFixed(1)} (${Math.max(...took).toFixed(1)})`,
      arrivals.length,
      idleBins(arrivals),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const { exchanges, processes, requestsPerSecond } = (results[0] as LoadResult).load;
  return [
    `${exchanges} exchanges at once from ${processes} processes; STS accepts ${requestsPerSecond} requests per second. Medians, with the maximum in brackets.\n`,
    '| pauses | succeeded | attempts | seconds waited | seconds in total | requests to STS | quarter seconds without a request |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

const binMs = 250;

/** The number of intervals without a request between the first and the last: clients that retry together cause them. */
function idleBins(arrivals: readonly number[]): number {
  const bins = new Set(arrivals.map((time) => Math.floor(time / binMs)));
  return Math.max(...bins) + 1 - bins.size;
}

/** The attempts and waiting times of all exchanges, and when requests reached STS. */
export function loadPlot(results: readonly LoadResult[]): Promise<string> {
  const name = ({ load }: LoadResult) => (load.jitter === false ? 'without jitter' : 'with full jitter');
  const exchanges = results.flatMap((result) =>
    result.attempts.map(({ attempts, waitedMs }) => ({
      pauses: name(result),
      attempts,
      waited: waitedMs / 1000,
    })),
  );
  const arrivals = results.flatMap((result) =>
    [...Map.groupBy(result.arrivals, (time) => Math.floor(time / binMs))].map(([bin, times]) => ({
      pauses: name(result),
      seconds: (bin * binMs) / 1000,
      requests: times.length,
    })),
  );
  const column = { field: 'pauses', type: 'nominal' as const, title: null };
  const panel = (values: object[], x: object, y: object) => ({
    data: { values },
    mark: 'bar' as const,
    width: 320,
    height: 120,
    encoding: { column, x, y },
  });
  const count = { aggregate: 'count', title: 'exchanges' };
  return plotSvg({
    vconcat: [
      panel(
        arrivals,
        { field: 'seconds', type: 'quantitative', title: 'seconds since the first request' },
        { field: 'requests', type: 'quantitative', title: `requests in ${binMs} ms` },
      ),
      panel(exchanges, { field: 'attempts', type: 'ordinal', title: 'attempts of an exchange' }, count),
      panel(
        exchanges,
        { field: 'waited', bin: { maxbins: 40 }, title: 'seconds that an exchange waited' },
        count,
      ),
    ],
  });
}
