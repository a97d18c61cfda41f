import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { competingVariables } from '../../src/environment-variables.ts';
import { useSandbox } from '../support/command-run.ts';
import { readTemplate } from '../support/configuration.ts';
import { root, runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';

const job = useSandbox();
const template = readTemplate('same-job');
const ask = `'${process.execPath}' '${join(root, 'test/support/endpoint-client.cjs')}'`;
const isRoot = process.getuid?.() === 0;

interface JobOptions {
  readonly env?: Record<string, string>;
  readonly inputs?: Record<string, unknown>;
  readonly start?: string;
}

function jobOf(script: string, { env, inputs, start }: JobOptions = {}) {
  const given = { role_arn: roles.deploy, audience: '', keep_alive: true, ...inputs };
  const { before_script = [], variables } = template.configure(given)['.aws-credentials'] ?? {};
  const temporary = mkdtempSync(join(tmpdir(), 'job-tmp-'));
  return {
    temporary,
    whole: [start, ...before_script, script].filter(Boolean).join('\n'),
    env: {
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      TMPDIR: temporary,
      GITLAB_OIDC_TOKEN: job.token,
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      ...variables,
      ...env,
    },
  };
}

/** How long the server of a job is there, in milliseconds after the call; at most 10 seconds. */
async function lifetimeOf(output: string): Promise<number> {
  const [, url = ''] = /^AWS_CONTAINER_CREDENTIALS_FULL_URI=(\S+)$/m.exec(output) ?? [];
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
  const start = performance.now();
  while (performance.now() - start < 10_000) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (!answers) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - start;
}

describe.each(shells)('same-job with keep_alive in %s', (_, shell, args) => {
  async function runJob(script: string, options: JobOptions = {}) {
    const { temporary, whole, env } = jobOf(script, options);
    const run = await runProgram(shell, [...args, whole], env);
    return { ...run, left: [...readdirSync(run.directory), ...readdirSync(temporary)] };
  }

  it('leads SDKs to an endpoint, leaves nothing, and ends the server with the job', async () => {
    const { exitCode, stdout, stderr, left } = await runJob(`env; ${ask}`);
    expect({ exitCode, stderr, left }).toEqual({ exitCode: 0, stderr: '', left: [] });
    expect(stdout).toMatch(/^200 \{"AccessKeyId":"ASIA/m);
    expect(stdout).not.toMatch(/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)=/m);
    expect(stdout).toMatch(/^✔ arn:.* until 20.*Z, renewed until 20.*Z$/m);
    expect(await lifetimeOf(stdout)).toBeLessThan(4000);
  });

  it('removes what SDKs would use instead, and says so', async () => {
    const env = Object.fromEntries(competingVariables.map((name) => [name, 'old-one']));
    const { stdout, stderr } = await runJob('env', { env });
    expect(stdout).not.toContain('old-one');
    for (const name of competingVariables)
      expect(stdout + stderr).toMatch(new RegExp(`^\\S.*\\b${name}\\b`, 'm'));
  });

  it('fails the job at once if the role is refused, and says why', async () => {
    const { exitCode, stdout, left } = await runJob('echo went on', {
      inputs: { role_arn: roles.production },
    });
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: [] });
    expect(stdout).toContain('✘ InvalidIdentityToken: No OpenIDConnect provider found');
    expect(stdout).not.toContain('went on');
  });

  it.each([
    ['role_arns', { role_arns: [`one=${roles.deploy}`] }],
    ['env_prefix', { env_prefix: 'PROD_' }],
  ])('refuses %s before anything is sent', async (name, inputs) => {
    const before = job.sandbox.sts.requests.length;
    const { exitCode, stdout, left } = await runJob('echo went on', { inputs });
    expect({ exitCode, left }).toEqual({ exitCode: 2, left: [] });
    expect(stdout).toContain(`"${name}" must be empty if the session is kept alive`);
    expect(job.sandbox.sts.requests.length).toBe(before);
  });

  it('ignores project variables that would change it', async () => {
    const env = { AWS_OIDC_KEEP_ALIVE: 'false', AWS_OIDC_SHELL_PID: '1', AWS_OIDC_OUTPUT: '-' };
    const { exitCode, stdout } = await runJob('env', { env });
    expect(exitCode).toBe(0);
    expect(await lifetimeOf(stdout)).toBeLessThan(4000);
  });

  it('prints neither the authorization token nor the ID token, also with a trace', async () => {
    const { stdout, stderr } = await runJob('set +xv; echo "is:$AWS_CONTAINER_AUTHORIZATION_TOKEN"', {
      start: 'set -xv',
    });
    const [, token = 'none'] = /^is:([\w-]{43})$/m.exec(stdout) ?? [];
    expect((stdout + stderr).split(token)).toHaveLength(2);
    expect(stdout + stderr).not.toMatch(/\bIQoJ[\w/+]{20}|\beyJ[\w-]+\.[\w-]+|\bASIA/);
  });

  it.each([
    ['SIGKILL', 'kill -KILL $$; sleep 5'],
    ['SIGTERM', 'kill -TERM $$; sleep 5'],
    ['a failed command', 'false'],
  ])('ends the server after %s, and does not keep the job', async (_case, end) => {
    const start = performance.now();
    // the runner may have more open files, and waits until all who have them are gone
    const { stdout } = await runJob(`env; ${end}`, { start: 'exec 8>&1 9>&2' });
    // "sleep" of a killed shell holds them for 5 seconds
    expect(performance.now() - start).toBeLessThan(12_000);
    expect(await lifetimeOf(stdout)).toBeLessThan(4000);
  });
});

/** The servers of all running jobs. */
function serverPids(): readonly number[] {
  const { stdout } = spawnSync('pgrep', ['-f', 'same-job.mjs serve'], { encoding: 'utf8' });
  return stdout.trim().split('\n').map(Number);
}

describe('the server of same-job', () => {
  /** A job that runs until it is killed. */
  async function runningJob() {
    const { whole, env } = jobOf('env; while :; do sleep 1; done');
    const directory = mkdtempSync(join(tmpdir(), 'job-'));
    const shell = spawn('sh', ['-e', '-c', whole], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    shell.stderr.resume();
    let output = '';
    shell.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    await expect.poll(() => output, { timeout: 15_000 }).toMatch(/AWS_CONTAINER_CREDENTIALS_FULL_URI=\S+\n/);
    return { shell, output };
  }

  it('ends within seconds after its shell was killed while others live', async () => {
    const one = await runningJob();
    const two = await runningJob();
    one.shell.kill('SIGKILL');
    expect(await lifetimeOf(one.output)).toBeLessThan(4000);
    const [, url = ''] = /FULL_URI=(\S+)/.exec(two.output) ?? [];
    expect((await fetch(url)).status).toBe(401);
    two.shell.kill('SIGKILL');
    expect(await lifetimeOf(two.output)).toBeLessThan(4000);
  });

  it.skipIf(!existsSync('/proc/self/fd'))("has neither the job's output nor its errors open", async () => {
    const { shell, output } = await runningJob();
    const ofJob = [1, 2].map((name) => readlinkSync(`/proc/${shell.pid}/fd/${name}`));
    const ofServers = serverPids().flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${name}`);
        } catch {
          // closed in the meantime
          return [];
        }
      }),
    );
    shell.kill('SIGKILL');
    await lifetimeOf(output);
    expect(ofJob).toEqual([
      expect.stringMatching(/^(pipe|socket):/),
      expect.stringMatching(/^(pipe|socket):/),
    ]);
    expect(ofServers.length).toBeGreaterThan(3);
    expect(ofServers.filter((file) => ofJob.includes(file))).toEqual([]);
  });

  it('shows nothing in the list of processes', async () => {
    const { shell, output } = await runningJob();
    const { stdout } = spawnSync('ps', ['-ewwo', 'pid,args'], { encoding: 'utf8' });
    const [, token = 'none'] = /AUTHORIZATION_TOKEN=(\S+)/.exec(output) ?? [];
    const servers = stdout.split('\n').filter((line) => line.includes('same-job.mjs serve'));
    shell.kill('SIGKILL');
    await lifetimeOf(output);
    expect(servers.length).toBeGreaterThan(0);
    for (const secret of [token, job.token, 'ASIA', 'IQoJ']) expect(servers.join('\n')).not.toContain(secret);
  });

  it.skipIf(!isRoot)('gives nothing to another user of the machine', async () => {
    const { shell, output } = await runningJob();
    const [, url = ''] = /FULL_URI=(\S+)/.exec(output) ?? [];
    const { host, port } = new URL(url);
    const attempts = [
      `exec 3<>/dev/tcp/127.0.0.1/${port}`,
      `printf 'GET /credentials HTTP/1.1\\r\\nHost: ${host}\\r\\n\\r\\n' >&3`,
      'head -n 1 <&3',
      ...serverPids().flatMap((pid) => [
        `cat /proc/${pid}/environ`,
        `cat /proc/${pid}/mem`,
        `ls -l /proc/${pid}/fd/`,
      ]),
    ].join('; ');
    const { stdout } = spawnSync('su', ['nobody', '-s', '/bin/bash', '-c', attempts], { encoding: 'utf8' });
    shell.kill('SIGKILL');
    await lifetimeOf(output);
    expect(stdout.replace(/^total 0\n/gm, '')).toBe('HTTP/1.1 401 Unauthorized\r\n');
  });
});
