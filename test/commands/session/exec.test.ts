import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../../sandbox/sandbox.ts';
import { competingVariables } from '../../../src/environment-variables.ts';
import { useSandbox } from '../../support/command-run.ts';
import { root, runProgram } from '../../support/run-program.ts';

const job = useSandbox();
const program = join(root, 'dist/aws-oidc.mjs');

const environment = () => ({
  PATH: process.env.PATH ?? '',
  GITLAB_OIDC_TOKEN: job.token,
  AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
});
const exec = (command: readonly string[], env: Record<string, string> = {}, flags: readonly string[] = []) =>
  runProgram(process.execPath, [program, 'exec', '--role-arn', roles.deploy, ...flags, '--', ...command], {
    ...environment(),
    ...env,
  });

describe('aws-oidc exec', () => {
  it('gives the credentials to the command, and removes variables that compete with them', async () => {
    const { exitCode, stdout } = await exec(['env'], {
      AWS_ACCESS_KEY_ID: 'AKIASTATIC',
      AWS_PROFILE: 'old',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/x',
      AWS_ROLE_ARN: 'x',
      KEPT: 'yes',
    });
    expect(exitCode).toBe(0);
    const names = stdout.split('\n').map((line) => line.replace(/=.*/, ''));
    expect(stdout).toMatch(/^AWS_ACCESS_KEY_ID=ASIA/m);
    expect(names).toContain('AWS_SESSION_TOKEN');
    expect(names).toContain('KEPT');
    for (const gone of ['AWS_PROFILE', 'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'GITLAB_OIDC_TOKEN']) {
      expect(names).not.toContain(gone);
    }
  });

  it('passes arguments on unchanged, including flags', async () => {
    const { stdout } = await exec(['printf', '%s|', '--role-arn', 'a b', '$x', '']);
    expect(stdout).toBe('--role-arn|a b|$x||');
  });

  it.each([
    ['success', ['true'], 0],
    ['its own code', ['sh', '-c', 'exit 42'], 42],
    ['a signal', ['sh', '-c', 'kill -KILL $$'], 137],
    ['no such command', ['no-such-command'], 127],
    ['a file that is not a program', [join(root, 'README.md')], 126],
  ])('ends with %s', async (_, command, code) => {
    expect((await exec(command)).exitCode).toBe(code);
  });

  it('does not run the command without credentials', async () => {
    const { exitCode, stdout, stderr } = await exec(['echo', 'ran'], { GITLAB_OIDC_TOKEN: '' });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('"GITLAB_OIDC_TOKEN" must not be empty');
  });

  it('needs a command', async () => {
    const { exitCode, stderr } = await exec([]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("missing required argument 'command'");
  });

  it('removes what competes with the session, and the token from every variable', async () => {
    // https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings
    const others = [
      'AWS_SECURITY_TOKEN',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_ROLE_ARN',
      'AWS_ROLE_SESSION_NAME',
      'AWS_DEFAULT_PROFILE',
      'AWS_SHARED_CREDENTIALS_FILE',
    ];
    const competing = Object.fromEntries([...competingVariables, ...others].map((name) => [name, 'old-one']));
    const env = { ...competing, GITLAB_OIDC_TOKEN: '', MINE: job.token };
    const { exitCode, stdout } = await exec(['env'], env, ['--token-env', 'MINE']);
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/old-one|eyJ/);
    expect(stdout).toMatch(/^AWS_ACCESS_KEY_ID=ASIA/m);
  });

  it('takes the token from another variable or a file, and shows neither', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'token-')), 'token');
    writeFileSync(file, `${job.token}\n`);
    const without = { GITLAB_OIDC_TOKEN: '', MINE: job.token };
    expect(await exec(['true'], without, ['--token-env', 'MINE'])).toMatchObject({ exitCode: 0 });
    expect(await exec(['true'], without, ['--token-file', file])).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await exec(['true'], without, ['--token-file', '/no/such/file']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('"--token-file" must be a readable file (ENOENT)\n    found: /no/such/file');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'passes %s on, and leaves no process behind',
    async (signal) => {
      const script = `trap 'echo got ${signal}; exit 3' ${signal.slice(3)}; echo ready $$; while :; do sleep 0.05; done`;
      const args = [program, 'exec', '--role-arn', roles.deploy, '--', 'sh', '-c', script];
      const parent = spawn(process.execPath, args, {
        env: environment(),
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let output = '';
      parent.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (output === '' && text.includes('ready')) parent.kill(signal);
        output += text;
      });
      expect(await ended(parent)).toBe(3);
      const [, child = '', rest] = /^ready (\d+)\n(.*)$/s.exec(output) ?? [];
      expect(rest).toBe(`got ${signal}\n`);
      // neither running nor a zombie
      expect(existsSync(`/proc/${child}`)).toBe(false);
    },
  );
});

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}
