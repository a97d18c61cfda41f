import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { roles } from '../sandbox/sandbox.ts';
import { startServerProcess } from './server-process.ts';

/**
 * How long an exchange takes, next to the least it could take. All contestants run in turn, round by
 * round, so that whatever else the machine does meets them alike; medians are compared.
 */
const rounds = Number(process.argv[2] ?? 40);
const root = join(import.meta.dirname, '..');
const node = process.execPath;

const contestants: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['node -e 0', node, ['-e', '0']],
  ['bare POST with node:http (the floor)', node, [join(root, 'bench/floor.mjs')]],
  ['dist/assume-role.mjs', node, [join(root, 'dist/assume-role.mjs')]],
  ['the job’s script, unpacking included', 'sh', ['-e', '-c', jobScript()]],
];

const server = await startServerProcess();
const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-bench-'));
try {
  const env = {
    PATH: `${join(node, '..')}:${process.env.PATH}`,
    GITLAB_OIDC_TOKEN: server.token,
    AWS_ENDPOINT_URL_STS: server.url,
    AWS_OIDC_ROLE_ARN: roles.deploy,
  };
  report(measure(directory, env));
} finally {
  server.stop();
  rmSync(directory, { recursive: true });
}

function measure(cwd: string, env: Record<string, string>): readonly (readonly number[])[] {
  const times: number[][] = contestants.map(() => []);
  for (let round = -2; round < rounds; round++) {
    for (const [index, [name, command, args]] of contestants.entries()) {
      const started = performance.now();
      const { status, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
      const ms = performance.now() - started;
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
      // the first rounds warm the disk's cache
      if (round >= 0) times[index]?.push(ms);
    }
    if (process.stderr.isTTY) process.stderr.write(`\rround ${Math.max(round + 1, 0)} of ${rounds} `);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  return times;
}

function report(times: readonly (readonly number[])[]): void {
  const floor = median(times[1] ?? []);
  console.log(`Node ${process.version}, ${rounds} rounds, one STS on this machine\n`);
  console.log('| | median ms | fastest ms | against the floor |\n|---|---:|---:|---:|');
  for (const [index, [name]] of contestants.entries()) {
    const mine = times[index] ?? [];
    const ratio = (median(mine) / floor).toFixed(2);
    console.log(`| ${name} | ${median(mine).toFixed(0)} | ${Math.min(...mine).toFixed(0)} | ${ratio} |`);
  }
  const bytes = statSync(join(root, 'dist/assume-role.mjs')).size;
  const encoded = statSync(join(root, 'templates/assume-role.yml')).size;
  console.log(`\ndist/assume-role.mjs ${bytes} bytes; templates/assume-role.yml ${encoded} bytes`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The two entries of the job's script, as the template has them. */
function jobScript(): string {
  const template = readFileSync(join(root, 'templates/assume-role.yml'), 'utf8');
  const jobs = parse(
    template.slice(template.indexOf('\n---\n')).replaceAll('$[[ inputs.job_name ]]', 'assume-role'),
    {
      customTags: [{ tag: '!reference', collection: 'seq' }],
      uniqueKeys: false,
    },
  );
  return `${jobs['.aws-oidc:payload:assume-role'].script[0]}\n${jobs['assume-role'].script[1]}`;
}
