import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that makes one exchange. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables in addition to the common ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** The size of what it needs in addition to Node or Python. */
  readonly bytes?: number;
}

export interface Measured {
  readonly contestant: Contestant;
  readonly wallMs: readonly number[];
  /** The peak of its largest process. */
  readonly peakKib: number;
}

export type Environment = Readonly<Record<string, string>>;

/**
 * Runs all contestants in turn, round by round, so that other load on the machine affects all of them equally.
 * Peak memory is measured in separate rounds, because GNU time would add to the measured time.
 *
 * @throws {Error} if one of them fails
 */
export function measure(
  contestants: readonly Contestant[],
  env: Environment,
  rounds: number,
): readonly Measured[] {
  const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-bench-'));
  const times = contestants.map((): number[] => []);
  // the first rounds warm the disk cache
  for (let round = -2; round < rounds; round++) {
    progress(`round ${Math.max(round + 1, 0)} of ${rounds}`);
    for (const [index, contestant] of contestants.entries()) {
      const ms = wallMs(contestant, env, directory);
      if (round >= 0) times[index]?.push(ms);
    }
  }
  const measured = contestants.map((contestant, index) => ({
    contestant,
    wallMs: times[index] ?? [],
    peakKib: median(Array.from({ length: 7 }, () => peakKib(contestant, env, directory))),
  }));
  progress('');
  rmSync(directory, { recursive: true });
  return measured;
}

function wallMs({ name, command, args, env }: Contestant, common: Environment, cwd: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(command, args, { cwd, env: { ...common, ...env }, encoding: 'utf8' });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return ms;
}

function peakKib({ command, args, env }: Contestant, common: Environment, cwd: string): number {
  const file = join(cwd, 'peak');
  spawnSync('time', ['-q', '-f', '%M', '-o', file, command, ...args], { cwd, env: { ...common, ...env } });
  return Number(readFileSync(file, 'utf8'));
}

/** Starts a shell script; several can run at once. */
export function start(script: string, env: Environment, cwd: string): Promise<void> {
  const child = spawn('sh', ['-e', '-c', script], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a job ended with ${code}`))));
  });
}

/** CPU seconds of all child processes that have ended, from proc_pid_stat(5), which counts hundredths of a second. */
export function childCpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Shows a line that the next one replaces, if standard error is a terminal. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
