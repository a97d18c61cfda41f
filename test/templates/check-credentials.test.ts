import { describe, expect, it } from 'vitest';
import { readTemplate } from '../support/configuration.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';

const template = readTemplate('assume-role');

describe.each(shells)('the check of .with-assume-role in %s', (_, shell, args) => {
  const soon = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const good = {
    AWS_ACCESS_KEY_ID: 'ASIAGOOD',
    AWS_SECRET_ACCESS_KEY: 'canary-secret$`"\\',
    AWS_SESSION_TOKEN: 'canary-token',
    AWS_OIDC_ACCESS_KEY_ID: 'ASIAGOOD',
    AWS_CREDENTIAL_EXPIRATION: soon,
  };

  function guard(env: Record<string, string>, inputs: Record<string, unknown> = {}, start = '') {
    const [script] =
      template.configure({ role_arn: 'x', ...inputs })[`.with-${inputs.job_name ?? 'assume-role'}`]
        ?.before_script ?? [];
    return runProgram(shell, [...args, `${start}\n${script}\necho went on`], {
      PATH: process.env.PATH ?? '',
      ...env,
    });
  }

  it('passes good credentials silently', async () => {
    expect(await guard(good)).toMatchObject({ exitCode: 0, stdout: 'went on\n', stderr: '' });
  });

  it('checks the variables with the prefix', async () => {
    const prefixed = Object.fromEntries(Object.entries(good).map(([name, value]) => [`PROD_${name}`, value]));
    expect(await guard(prefixed, { env_prefix: 'PROD_' })).toMatchObject({ exitCode: 0 });
    expect(await guard(good, { env_prefix: 'PROD_' })).toMatchObject({ exitCode: 1 });
  });

  it.each([
    [
      'nothing was handed on',
      { AWS_OIDC_ACCESS_KEY_ID: '', AWS_ACCESS_KEY_ID: '' },
      'no credentials came from the job "assume-role"',
    ],
    [
      'only a static key exists',
      { AWS_OIDC_ACCESS_KEY_ID: '', AWS_ACCESS_KEY_ID: 'AKIASTATIC' },
      'no credentials came',
    ],
    [
      'another session overrides it',
      { AWS_ACCESS_KEY_ID: 'ASIAOTHER' },
      'another variable AWS_ACCESS_KEY_ID overrides',
    ],
    ['the key ID is empty', { AWS_ACCESS_KEY_ID: '' }, 'another variable AWS_ACCESS_KEY_ID overrides'],
    [
      'a static key is mixed in',
      { AWS_ACCESS_KEY_ID: 'AKIASTATIC' },
      'a static key in AWS_ACCESS_KEY_ID is mixed',
    ],
    ['the secret is empty', { AWS_SECRET_ACCESS_KEY: '' }, 'the credentials are mixed'],
    ['the session token is empty', { AWS_SESSION_TOKEN: '' }, 'the credentials are mixed'],
    [
      'they expired',
      { AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z' },
      'the credentials expired at 2020-01-01T00:00:00Z',
    ],
    ['the expiration is empty', { AWS_CREDENTIAL_EXPIRATION: '' }, 'the credentials expired at .'],
    ['the expiration is nonsense', { AWS_CREDENTIAL_EXPIRATION: 'soon' }, 'the credentials expired at soon.'],
  ])('stops the job if %s, and says what to do', async (_case, env, message) => {
    const { exitCode, stdout, stderr } = await guard({ ...good, ...env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`aws-oidc: ${message}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).not.toContain('canary');
  });

  it('unsets profiles that some SDKs would use instead, unless there is a prefix', async () => {
    const names = [
      'AWS_SECURITY_TOKEN',
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_SHARED_CREDENTIALS_FILE',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
    ];
    const env = { ...good, ...Object.fromEntries(names.map((name) => [name, 'static'])) };
    const [script] = template.configure({ role_arn: 'x' })['.with-assume-role']?.before_script ?? [];
    const run = await runProgram(shell, [...args, `${script}\nenv`], {
      PATH: process.env.PATH ?? '',
      ...env,
    });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).not.toContain('static');
    for (const name of names) expect(run.stderr).toContain(`aws-oidc: ${name} was unset in this job`);
    const prefixed = Object.fromEntries(Object.entries(good).map(([name, value]) => [`PROD_${name}`, value]));
    const mine = { AWS_PROFILE: 'mine', AWS_SHARED_CREDENTIALS_FILE: '/mine' };
    const kept = await guard({ ...prefixed, ...mine }, { env_prefix: 'PROD_' });
    expect(kept).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('also stops the job without errexit', async () => {
    const { exitCode, stdout } = await guard({ ...good, AWS_ACCESS_KEY_ID: 'AKIASTATIC' }, {}, 'set +e');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('ends the job by its own trap when it is stopped, so that no shell prints its variables', async () => {
    const script = template.configure({ role_arn: 'x' })['.with-assume-role']?.before_script?.join('\n');
    const run = await runProgram(shell, [...args, `${script}\nkill -s TERM "$$"; sleep 1; echo went on`], {
      PATH: process.env.PATH ?? '',
      ...good,
    });
    expect(run).toMatchObject({ exitCode: 143, stdout: '', stderr: '' });
  });

  it('prints no secret with the shell tracing every command, and leaves tracing on', async () => {
    const { stdout, stderr } = await guard(good, {}, 'set -x');
    expect(stdout).toBe('went on\n');
    expect(stderr).not.toMatch(/canary|ASIA/);
    expect(stderr).toContain('echo went on');
  });
});
