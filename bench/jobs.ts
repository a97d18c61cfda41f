import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from './exchange.ts';
import { exchangeScript, guardScript } from './job-script.ts';
import { childCpuSeconds, type Environment, progress, start } from './measure.ts';
import { plotSvg } from './plot.ts';
import type { ServerProcess } from './server-process.ts';

/** The cost of a pipeline. */
export interface PipelineCost {
  readonly jobs: number;
  readonly way: 'an exchange in each job' | 'one exchange, handed to all';
  readonly requests: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

const sizes = [1, 10, 100, 500];

/** The number of parallel jobs: one for each processor of this machine. */
const atOnce = availableParallelism();

/** Measures each size both ways: every job makes an exchange, or one does and the others check its credentials. */
export async function measureJobs(server: ServerProcess): Promise<readonly PipelineCost[]> {
  const costs: PipelineCost[] = [];
  for (const jobs of sizes) {
    progress(`pipelines of ${jobs} jobs`);
    costs.push(
      await cost(server, jobs, 'an exchange in each job', (cwd) => runAll(jobs, exchangeJob(server, cwd))),
      await cost(server, jobs, 'one exchange, handed to all', async (cwd) => {
        await exchangeJob(server, cwd)(0);
        await runAll(jobs, consumer(environment(server), cwd));
      }),
    );
  }
  progress('');
  return costs;
}

type Job = (index: number) => Promise<void>;

function exchangeJob(server: ServerProcess, cwd: string): Job {
  const env = environment(server);
  return (index) => start(exchangeScript, { ...env, CI_JOB_NAME_SLUG: `job-${index}` }, cwd);
}

/** A job with the variables of the report, as GitLab passes them. */
function consumer(common: Environment, cwd: string): Job {
  const lines = readFileSync(join(cwd, 'aws-oidc.job-0.env'), 'utf8').trim().split('\n');
  const handedOn = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  return () => start(guardScript, { ...common, ...handedOn }, cwd);
}

async function runAll(jobs: number, job: Job): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < jobs) await job(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function cost(
  server: ServerProcess,
  jobs: number,
  way: PipelineCost['way'],
  run: (cwd: string) => Promise<void>,
): Promise<PipelineCost> {
  const cwd = mkdtempSync(join(tmpdir(), 'aws-oidc-bench-'));
  const [requests, cpu, started] = [(await server.arrivals()).length, childCpuSeconds(), performance.now()];
  await run(cwd);
  const wallSeconds = (performance.now() - started) / 1000;
  const cpuSeconds = childCpuSeconds() - cpu;
  rmSync(cwd, { recursive: true });
  return { jobs, way, requests: (await server.arrivals()).length - requests, cpuSeconds, wallSeconds };
}

/** @returns Markdown */
export function jobsTable(costs: readonly PipelineCost[]): string {
  const rows = costs.map(
    ({ jobs, way, requests, cpuSeconds, wallSeconds }) =>
      `| ${jobs} | ${way} | ${requests} | ${cpuSeconds.toFixed(2)} | ${wallSeconds.toFixed(2)} |`,
  );
  return [
    `${atOnce} jobs at once, as many as the machine has processors.\n`,
    '| jobs | | requests to STS | CPU seconds | wall seconds |',
    '|---:|---|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

export function jobsPlot(costs: readonly PipelineCost[]): Promise<string> {
  return plotSvg({
    width: 460,
    height: 260,
    data: { values: costs.map((cost) => ({ ...cost })) },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'jobs', type: 'quantitative', title: 'jobs in the pipeline' },
      y: { field: 'cpuSeconds', type: 'quantitative', title: 'CPU seconds for credentials, all jobs' },
      color: { field: 'way', type: 'nominal', title: null, legend: { orient: 'top', labelLimit: 300 } },
    },
  });
}
