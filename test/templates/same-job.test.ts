import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { useSandbox } from '../support/command-run.ts';
import { readTemplate } from '../support/configuration.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';

const job = useSandbox();
const template = readTemplate('same-job');

describe('same-job', () => {
  it('is one hidden job, without any artifact, and the same without its before_script', () => {
    const { '.aws-credentials': hidden, ...others } = template.configure({ role_arn: 'x' });
    expect(hidden?.artifacts).toBeUndefined();
    const { before_script, ...rest } = hidden ?? {};
    const pwsh = template.configure({ role_arn: 'x', shell: 'pwsh' })['.aws-credentials'];
    expect(others).toEqual({
      '.aws-credentials:token': rest,
      '.aws-oidc:program:.aws-credentials:sh:false:[]': { before_script },
      '.aws-oidc:program:.aws-credentials:pwsh:false:[]': { before_script: pwsh?.before_script },
    });
    expect(pwsh).toEqual({ ...rest, before_script: pwsh?.before_script });
    expect(pwsh?.before_script).not.toEqual(before_script);
    expect(hidden?.id_tokens).toEqual({ GITLAB_OIDC_TOKEN: { aud: '$CI_SERVER_URL' } });
  });

  it.each([
    [{}, 'assume-role.mjs'],
    [{ keep_alive: true }, 'same-job.mjs'],
    [{ ecr_registries: ['default'] }, 'same-job.mjs'],
    [{ shell: 'pwsh' }, 'assume-role.mjs'],
    [{ shell: 'pwsh', keep_alive: true }, 'same-job.mjs'],
  ])('carries one program: with %j, %s', (inputs, program) => {
    const { '.aws-credentials': hidden } = template.configure({ role_arn: 'x', ...inputs });
    const scripts = (hidden?.before_script ?? []).join('\n');
    const named = [...scripts.matchAll(/[\w-]+\.mjs/g)].map(String).filter((name) => name !== 'unpack.mjs');
    expect(new Set(named)).toEqual(new Set([program]));
    expect(scripts.match(/^H4sI/gm)).toHaveLength(1);
  });

  it('is extended by its job_name, which must start with a dot', () => {
    expect(Object.keys(template.configure({ role_arn: 'x', job_name: '.prod' }))).toContain('.prod');
    expect(() => template.configure({ role_arn: 'x', job_name: 'prod' })).toThrow('job_name does not match');
  });
});

describe.each(shells)('same-job in %s', (_, shell, args) => {
  async function runJob(
    script: string,
    options: { env?: Record<string, string>; inputs?: Record<string, unknown>; start?: string } = {},
  ) {
    const jobs = template.configure({ role_arn: roles.deploy, audience: '', ...options.inputs });
    const { before_script = [], variables } = jobs['.aws-credentials'] ?? {};
    const temporary = mkdtempSync(join(tmpdir(), 'job-tmp-'));
    const whole = [options.start, ...before_script, script].filter(Boolean).join('\n');
    const run = await runProgram(shell, [...args, whole], {
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      TMPDIR: temporary,
      GITLAB_OIDC_TOKEN: job.token,
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      ...variables,
      ...options.env,
    });
    return { ...run, left: [...readdirSync(run.directory), ...readdirSync(temporary)] };
  }

  it("exports the credentials into the job's own shell, and leaves nothing", async () => {
    const { exitCode, stdout, stderr, left } = await runJob('env');
    expect({ exitCode, stderr, left }).toEqual({ exitCode: 0, stderr: '', left: [] });
    expect(stdout).toMatch(/^AWS_ACCESS_KEY_ID=ASIA/m);
    expect(stdout).toMatch(/^AWS_SECRET_ACCESS_KEY=.{40}$/m);
    expect(stdout).toMatch(/^AWS_ASSUMED_ROLE_ARN=arn:aws:sts::111111111111:assumed-role\/deploy\//m);
  });

  it('replaces old static keys, and unsets a profile with a notice', async () => {
    const names = [
      'AWS_SECURITY_TOKEN',
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_SHARED_CREDENTIALS_FILE',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
    ];
    const old = Object.fromEntries(names.map((name) => [name, 'old-one']));
    const env = { AWS_ACCESS_KEY_ID: 'AKIASTATIC', AWS_SECRET_ACCESS_KEY: 'old-one', ...old };
    const { stdout, stderr } = await runJob('env', { env });
    expect(stdout).toMatch(/^AWS_ACCESS_KEY_ID=ASIA/m);
    expect(stdout).not.toContain('old-one');
    for (const name of names) expect(stderr).toContain(`aws-oidc: ${name} was unset in this job`);
  });

  it('leaves other variables alone if there is a prefix', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIASTATIC', AWS_PROFILE: 'old' };
    const { stdout } = await runJob('env', { env, inputs: { env_prefix: 'PROD_' } });
    expect(stdout).toMatch(/^PROD_AWS_ACCESS_KEY_ID=ASIA/m);
    expect(stdout).toMatch(/^AWS_ACCESS_KEY_ID=AKIASTATIC$/m);
    expect(stdout).toMatch(/^AWS_PROFILE=old$/m);
  });

  it("ends the job with the program's own exit code, and leaves nothing", async () => {
    const { exitCode, stdout, left } = await runJob('echo went on', { env: { AWS_OIDC_ROLE_ARN: '' } });
    expect({ exitCode, left }).toEqual({ exitCode: 2, left: [] });
    expect(stdout).not.toContain('went on');
  });

  it('creates a profile for each of several roles, and leaves nothing', async () => {
    const role_arns = [`first=${roles.deploy}`, `second=${roles.build}`];
    const script =
      'echo "$AWS_PROFILE ${AWS_ACCESS_KEY_ID:-none}"; stat -c "mode %a" "$AWS_SHARED_CREDENTIALS_FILE"; cat "$AWS_SHARED_CREDENTIALS_FILE" "$AWS_CONFIG_FILE"';
    const { exitCode, stdout, stderr, left } = await runJob(script, {
      inputs: { role_arns },
      env: { AWS_ACCESS_KEY_ID: 'AKIASTATIC', AWS_PROFILE: 'old' },
    });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(stderr).toContain('AWS_PROFILE was unset in this job');
    expect(stdout).toMatch(/^ {2}first {3}✔ arn:aws:sts::111111111111:assumed-role\/deploy\//m);
    expect(stdout).toMatch(/^ {2}second {2}✔ arn:aws:sts::111111111111:assumed-role\/build\//m);
    expect(stdout).toMatch(
      /\nfirst none\nmode 600\n\[first\]\naws_access_key_id = ASIA[\s\S]*\n\[second\]\naws_access_key_id = ASIA/,
    );
    expect(stdout).toMatch(
      /\[profile first\]\nregion = us-east-1\n\n\[profile second\]\nregion = us-east-1\n$/,
    );
  });

  it('says which of several roles a notice is about', async () => {
    const role_arns = [`first=${roles.deploy}`, `second=${roles.build}`];
    const { stdout } = await runJob('', { inputs: { role_arns, session_name: 'a/b' } });
    for (const name of ['first', 'second'])
      expect(stdout).toContain(`! ${name}: The session name "a/b" was changed`);
  });

  it('hands on none of several roles if one is refused', async () => {
    const role_arns = [`first=${roles.deploy}`, `second=${roles.production}`];
    const { exitCode, stdout, left } = await runJob('echo went on', { inputs: { role_arns } });
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: [] });
    expect(stdout).toMatch(/^ {2}first {3}✔/m);
    expect(stdout).toMatch(/^ {2}second {2}✘ see below/m);
    expect(stdout).toContain('✘ InvalidIdentityToken: No OpenIDConnect provider found');
    expect(stdout).not.toContain('went on');
  });

  it.each([
    ['the exchange', { role_arn: roles.deploy }, 'node() { kill -s TERM "$$"; sleep 1; }', 'echo went on'],
    ['the script, with profiles', { role_arns: [`one=${roles.deploy}`] }, '', 'kill -s TERM "$$"; sleep 1'],
  ])('leaves nothing if it is stopped during %s', async (_, inputs, start, script) => {
    const { exitCode, stdout, left } = await runJob(`${script}; echo went on`, { inputs, start });
    expect({ exitCode, left }).toEqual({ exitCode: 143, left: [] });
    expect(stdout).not.toContain('went on');
  });

  it.each([
    [
      'no temporary directory can be created',
      'TMPDIR=/no/such/directory',
      'could not create a temporary directory',
    ],
    ['the program cannot be unpacked', 'base64() { return 127; }', 'gzip|unexpected|short read|magic'],
  ])('stops the job if %s, also without errexit', async (_, start, message) => {
    for (const errexit of ['set -e', 'set +e']) {
      const { exitCode, stdout, stderr, left } = await runJob('echo went on', {
        start: `${errexit}; ${start}`,
      });
      expect({ exitCode, stdout, left }).toEqual({ exitCode: 2, stdout: '', left: [] });
      expect(stderr).toMatch(new RegExp(message));
    }
  });

  it.each([
    ['', 'IFS=:'],
    ['with a trace', "set -x; IFS='\n\t'"],
    ['with no IFS at all', 'set -x; IFS='],
  ])('works with the IFS of the job %s', async (_, start) => {
    const { exitCode, stdout } = await runJob('echo went on', { start });
    expect({ exitCode, stdout: stdout.endsWith('went on\n') }).toEqual({ exitCode: 0, stdout: true });
  });

  it('ignores project variables when it creates profiles, and enforces the allowed accounts', async () => {
    const role_arns = [`first=${roles.deploy}`, `second=${roles.build}`];
    const env = { AWS_OIDC_OUTPUT_FORMAT: 'env', AWS_OIDC_OUTPUT: '-', AWS_OIDC_PROFILES: '/no/such/place' };
    const good = await runJob('test -s "$AWS_SHARED_CREDENTIALS_FILE"', { env, inputs: { role_arns } });
    expect({ exitCode: good.exitCode, left: good.left }).toEqual({ exitCode: 0, left: [] });
    const before = job.sandbox.sts.requests.length;
    const refused = await runJob('echo went on', {
      inputs: { role_arns, allowed_account_ids: ['222222222222'] },
    });
    expect({ exitCode: refused.exitCode, requests: job.sandbox.sts.requests.length - before }).toEqual({
      exitCode: 2,
      requests: 0,
    });
    expect(refused.stdout).not.toContain('went on');
  });

  it('ignores project variables that would change the hand-off', async () => {
    const { exitCode, stdout, left } = await runJob('echo "$AWS_ASSUMED_ROLE_ARN"', {
      env: {
        AWS_OIDC_OUTPUT_FORMAT: 'env',
        AWS_OIDC_OUTPUT: '-',
        AWS_OIDC_PROFILES: '/tmp',
        AWS_OIDC_ANNOTATIONS: 'annotations.json',
      },
    });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(stdout).toMatch(/\narn:aws:sts::111111111111:assumed-role\/deploy\/\S+\n$/);
    expect(stdout).not.toMatch(/IQoJ|ASIA/);
  });

  it('finds and removes its files if TMPDIR is relative and the script changes the directory', async () => {
    const inputs = { role_arn: '', role_arns: [`one=${roles.deploy}`] };
    const { exitCode, left } = await runJob('cd /; test -s "$AWS_SHARED_CREDENTIALS_FILE"', {
      inputs,
      start: 'mkdir tmp; TMPDIR=tmp',
    });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: ['tmp'] });
  });

  it('suggests web-identity if the image has no Node', async () => {
    const { exitCode, stderr, left } = await runJob('', { start: 'command() { [ "$2" != node ]; }' });
    expect({ exitCode, left }).toEqual({ exitCode: 2, left: [] });
    expect(stderr).toContain('or the component "web-identity", which does not need Node');
  });

  it.each(['set -x', 'set -v', 'set -xv'])('prints no secret with %s, and leaves it on', async (start) => {
    const { exitCode, stdout, stderr } = await runJob('eval "echo went on"; echo "[$-]"', { start });
    expect(exitCode).toBe(0);
    for (const option of start.slice('set -'.length))
      expect(stdout).toMatch(new RegExp(`\\[.*${option}.*\\]`));
    expect(`${stdout}${stderr}`).not.toMatch(/eyJ|IQoJ|ASIA/);
  });
});

describe('same-job as another user', () => {
  it.runIf(process.getuid?.() === 0)('works without root', async () => {
    // a folder and a Node that this user can read, because the tests' own directory may be private
    const programs = mkdtempSync('/tmp/another-user-');
    onTestFinished(() => rmSync(programs, { recursive: true, force: true }));
    copyFileSync(process.execPath, join(programs, 'node'));
    chmodSync(programs, 0o755);
    const jobs = template.configure({ role_arn: roles.deploy, audience: '' });
    const { before_script = [], variables } = jobs['.aws-credentials'] ?? {};
    const script = [...before_script, 'id -u; echo "$AWS_ASSUMED_ROLE_ARN"; ls "$TMPDIR"'].join('\n');
    const temporary = join(programs, 'tmp');
    mkdirSync(temporary);
    chownSync(temporary, 65534, 65534);
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const { exitCode, stdout } = await runProgram('setpriv', [...user, 'sh', '-e', '-c', script], {
      PATH: `${programs}:${process.env.PATH}`,
      HOME: '/proc',
      TMPDIR: temporary,
      GITLAB_OIDC_TOKEN: job.token,
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      ...variables,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\n65534\narn:aws:sts::111111111111:assumed-role\/deploy\/\S+\n$/);
  });
});
