import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { readTemplate } from '../support/configuration.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';
import { unsignedToken } from '../support/token.ts';

const template = readTemplate('web-identity');
const token = unsignedToken();

describe('web-identity', () => {
  it('is one hidden job of plain shell, and the same without its before_script', () => {
    const { '.aws-web-identity': hidden, ...others } = template.configure({ role_arn: 'x' });
    const { before_script, ...rest } = hidden ?? {};
    const pwsh = template.configure({ role_arn: 'x', shell: 'pwsh' })['.aws-web-identity'];
    expect(others).toEqual({
      '.aws-web-identity:token': rest,
      '.aws-web-identity:sh': { before_script },
      '.aws-web-identity:pwsh': { before_script: pwsh?.before_script },
    });
    expect(pwsh).toEqual({ ...rest, before_script: pwsh?.before_script });
    expect(pwsh?.before_script).not.toEqual(before_script);
    expect(template.text).not.toMatch(/\bnode\b|base64/);
  });
});

describe.each(shells)('web-identity in %s', (_, shell, args) => {
  async function runJob(
    script: string,
    options: { env?: Record<string, string>; inputs?: Record<string, unknown>; start?: string } = {},
  ) {
    const { before_script: [prepare] = [], variables } =
      template.configure({ role_arn: roles.deploy, session_name: 'GitLabRunner-20-574', ...options.inputs })[
        '.aws-web-identity'
      ] ?? {};
    const temporary = mkdtempSync(join(tmpdir(), 'job-tmp-'));
    const run = await runProgram(
      shell,
      [...args, [options.start, prepare, script].filter(Boolean).join('\n')],
      {
        PATH: process.env.PATH ?? '',
        // a home that is not writable
        HOME: '/proc',
        TMPDIR: temporary,
        GITLAB_OIDC_TOKEN: token,
        ...variables,
        ...options.env,
      },
    );
    return { ...run, left: [...readdirSync(run.directory), ...readdirSync(temporary)] };
  }

  it('tells the SDK the role, the token and the session name, and leaves nothing', async () => {
    const script =
      'env; stat -c "mode %a" "$AWS_WEB_IDENTITY_TOKEN_FILE"; cat "$AWS_WEB_IDENTITY_TOKEN_FILE"';
    const { exitCode, stdout, stderr, left } = await runJob(script, { inputs: { region: 'eu-central-1' } });
    expect({ exitCode, stderr, left }).toEqual({ exitCode: 0, stderr: '', left: [] });
    expect(stdout).toContain(`\nAWS_ROLE_ARN=${roles.deploy}\n`);
    expect(stdout).toContain('\nAWS_ROLE_SESSION_NAME=GitLabRunner-20-574\n');
    expect(stdout).toContain('\nAWS_REGION=eu-central-1\n');
    expect(stdout).toContain('\nAWS_DEFAULT_REGION=eu-central-1\n');
    expect(stdout.endsWith(`mode 600\n${token}`)).toBe(true);
  });

  it('does not change the region if none is given', async () => {
    const { stdout } = await runJob('echo "$AWS_REGION"', { env: { AWS_REGION: 'ap-south-1' } });
    expect(stdout).toContain('ap-south-1\n');
  });

  it.each([
    ['feature/login', 'feature-login'],
    ['a b\tc$(x)`y`', 'a-b-c--x--y-'],
    ['x'.repeat(70), 'x'.repeat(64)],
  ])('cleans the session name %s', async (sessionName, cleaned) => {
    const { stdout } = await runJob('echo "[$AWS_ROLE_SESSION_NAME]"', {
      env: { AWS_OIDC_SESSION_NAME: sessionName },
    });
    expect(stdout).toContain(`[${cleaned}]\n`);
  });

  it('unsets what SDKs would use instead of the role, with a notice that shows no value', async () => {
    const names = [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_SECURITY_TOKEN',
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_SHARED_CREDENTIALS_FILE',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    ];
    const env = Object.fromEntries(names.map((name) => [name, 'canary']));
    const { stdout, stderr } = await runJob('env', { env });
    for (const name of names) expect(stderr).toContain(`aws-oidc: ${name} was unset in this job`);
    expect(`${stdout}${stderr}`).not.toContain('canary');
  });

  it('creates a profile if the input is set', async () => {
    const inputs = { profile: 'ci', region: 'eu-central-1' };
    const { stdout, left } = await runJob(
      'echo "$AWS_PROFILE"; stat -c "mode %a" "$AWS_CONFIG_FILE"; cat "$AWS_CONFIG_FILE"',
      { inputs },
    );
    expect(stdout).toMatch(
      /ci\nmode 600\n\[profile ci\]\nrole_arn = arn:aws:iam::111111111111:role\/deploy\nrole_session_name = .+\nweb_identity_token_file = .+\/token\nregion = eu-central-1\n$/,
    );
    expect(left).toEqual([]);
  });

  it.each([
    ['no token', { GITLAB_OIDC_TOKEN: '' }, 'GITLAB_OIDC_TOKEN is not an ID token'],
    [
      'a string that is not a token',
      { GITLAB_OIDC_TOKEN: '$GITLAB_OIDC_TOKEN' },
      'GITLAB_OIDC_TOKEN is not an ID token',
    ],
    ['no role', { AWS_OIDC_ROLE_ARN: '' }, 'the input "role_arn" is not the ARN of a role: "".'],
    [
      'the name of a role',
      { AWS_OIDC_ROLE_ARN: 'deploy' },
      'the input "role_arn" is not the ARN of a role: "deploy".',
    ],
    [
      'a role of two lines',
      { AWS_OIDC_ROLE_ARN: `${roles.deploy}\nx` },
      'contains a character that is not allowed in an ARN',
    ],
    [
      'a role with an unset variable',
      { AWS_OIDC_ROLE_ARN: 'arn:aws:iam::$X:role/y' },
      'contains a character that is not allowed in an ARN',
    ],
    [
      'a region that would be two settings',
      { AWS_OIDC_REGION: 'eu-central-1\ncredential_process = evil' },
      'the input "region" or "profile" contains a character',
    ],
    [
      'a profile that would be two settings',
      { AWS_OIDC_PROFILE: 'x]\ncredential_process = evil' },
      'the input "region" or "profile" contains a character',
    ],
    ['a token instead of the role', { AWS_OIDC_ROLE_ARN: token }, 'the input "role_arn" contains a token.'],
    [
      'another ARN',
      { AWS_OIDC_ROLE_ARN: 'arn:aws:iam::111111111111:user/x' },
      'is not the ARN of a role: "arn:aws:iam::111111111111:user/x"',
    ],
    ['no session name', { AWS_OIDC_SESSION_NAME: '' }, 'the input "session_name" is too short'],
    [
      'a session name of one character',
      { AWS_OIDC_SESSION_NAME: 'x' },
      'the input "session_name" is too short',
    ],
    ['no temporary directory', { TMPDIR: '/no/such/directory' }, 'could not create a temporary directory'],
  ])('stops the job with %s', async (_case, env, message) => {
    const { exitCode, stdout, stderr } = await runJob('echo went on', { env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('eyJ');
  });

  it('prints no token with the shell tracing every command, and leaves tracing on', async () => {
    const { exitCode, stdout, stderr } = await runJob('echo went on', { start: 'set -x' });
    expect(exitCode).toBe(0);
    expect(`${stdout}${stderr}`).not.toContain('eyJ');
    expect(stderr).toContain('echo went on');
  });

  it('finds and removes its files if TMPDIR is relative and the script changes the directory', async () => {
    const { exitCode, left } = await runJob('cd /; test -s "$AWS_WEB_IDENTITY_TOKEN_FILE"', {
      start: 'mkdir tmp; TMPDIR=tmp; IFS=:',
    });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: ['tmp'] });
  });

  it('cleans up after a job that is stopped', async () => {
    const { exitCode, left } = await runJob('kill -s TERM "$$"; sleep 1', { inputs: { profile: 'ci' } });
    expect({ exitCode, left }).toEqual({ exitCode: 143, left: [] });
  });

  it('exports its directory, for a job with its own EXIT trap', async () => {
    const { exitCode, left } = await runJob(`trap 'rm -rf "$AWS_OIDC_DIRECTORY"; echo mine' EXIT; false`);
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: [] });
  });

  it('cleans up after a job that fails', async () => {
    const { exitCode, left } = await runJob('false');
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: [] });
  });
});

describe('web-identity as another user', () => {
  it.runIf(process.getuid?.() === 0)('works without root', async () => {
    const { before_script: [prepare] = [], variables } =
      template.configure({ role_arn: roles.deploy })['.aws-web-identity'] ?? {};
    const script = `${prepare}\nid -u; cat "$AWS_WEB_IDENTITY_TOKEN_FILE"`;
    const { exitCode, stdout } = await runProgram(
      'setpriv',
      ['--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-e', '-c', script],
      {
        PATH: process.env.PATH ?? '',
        GITLAB_OIDC_TOKEN: token,
        ...variables,
      },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`65534\n${token}`);
    expect(readFileSync('/proc/self/status', 'utf8')).toContain('Uid:\t0');
  });
});
