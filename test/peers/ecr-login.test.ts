import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { inHours, publicToken } from '../support/ecr.ts';
import { makeImageLayout } from '../support/image-layout.ts';
import { registryHost } from '../support/registry.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import { useRegistry } from '../support/use-registry.ts';

const report = 'aws-oidc.env';
const auth = Buffer.from('AWS:111111111111-auth-token').toString('base64');

const at = useRegistry();
beforeEach(() => {
  at.ecr.requests.length = 0;
  at.ecr.expiration = inHours(12);
  at.ecr.refusal = undefined;
  at.ecr.host = registryHost;
});

/** Runs the program as the component does. */
async function ecrLogin(env: Readonly<Record<string, string>> = {}) {
  const token = await at.sandbox.issuer.mint();
  const program = await runProgram(nodeUnderTest, [join(root, 'dist/ecr-login.mjs')], {
    PATH: '/usr/bin:/bin',
    CI_JOB_ID: '1',
    GITLAB_OIDC_TOKEN: token,
    AWS_ENDPOINT_URL: at.ecr.url,
    AWS_OIDC_ROLE_ARN: roles.deploy,
    AWS_OIDC_REGION: 'eu-central-1',
    ...env,
  });
  const log = stripVTControlCharacters(program.stdout);
  for (const secret of [token, auth, publicToken, 'auth-token']) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/\bASIA[A-Z0-9]{16}/);
  expect(program.stderr).toBe('');
  return { ...program, log };
}

function reported(directory: string): Readonly<Record<string, string>> {
  const lines = readFileSync(join(directory, report), 'utf8').trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => /^(.*?)=(.*)$/.exec(line)?.slice(1) as [string, string]));
}

describe('the login to ECR', () => {
  it("hands on a token for the registry of the role's account, and no credentials", async () => {
    const { exitCode, log, directory } = await ecrLogin();
    expect(log).toContain(`✔ Logged in to ${registryHost} until`);
    expect(exitCode).toBe(0);
    const { DOCKER_AUTH_CONFIG = '', ...others } = reported(directory);
    expect(JSON.parse(DOCKER_AUTH_CONFIG)).toEqual({ auths: { [registryHost]: { auth } } });
    expect(others).toEqual({
      AWS_OIDC_DOCKER_LENGTH: String(DOCKER_AUTH_CONFIG.length),
      AWS_OIDC_DOCKER_REGISTRIES: registryHost,
      AWS_OIDC_DOCKER_EXPIRATION: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:]{8}Z$/),
    });
    expect(statSync(join(directory, report)).mode & 0o777).toBe(0o600);
    expect(at.ecr.requests).toEqual([
      { service: 'ecr', region: 'eu-central-1', accessKeyId: expect.stringMatching(/^ASIA/) },
    ]);
  });

  it('hands on a token that skopeo pushes and pulls with', async () => {
    const { directory } = await ecrLogin();
    const { DOCKER_AUTH_CONFIG = '' } = reported(directory);
    const image = `docker://${registryHost}/shop/tool:1`;
    const skopeo = (...args: readonly string[]) => runProgram('skopeo', args, at.registry.env, directory);
    const layout = makeImageLayout();

    const denied = await skopeo('copy', `oci:${layout}:1`, image);
    expect(denied.stderr).toMatch(/authentication required/);
    expect(denied.exitCode).not.toBe(0);

    writeFileSync(join(directory, 'config.json'), DOCKER_AUTH_CONFIG);
    const authFile = ['--authfile', join(directory, 'config.json')];
    const pushed = await skopeo('copy', ...authFile, `oci:${layout}:1`, image);
    expect(pushed.stderr).toBe('');
    expect(pushed.exitCode).toBe(0);
    const { stdout } = await skopeo('inspect', ...authFile, image);
    expect(JSON.parse(stdout)).toMatchObject({ Name: `${registryHost}/shop/tool` });
  });

  it('requests one token for each region, and the public one from us-east-1', async () => {
    const other = '222222222222.dkr.ecr.eu-central-1.amazonaws.com';
    const american = '111111111111.dkr.ecr.us-east-1.amazonaws.com';
    const registries = ['default', other, american, 'public.ecr.aws'];
    const { log, directory } = await ecrLogin({ AWS_OIDC_ECR_REGISTRIES: JSON.stringify(registries) });
    expect(log).toContain(`Logged in to ${registryHost}, ${other}, ${american}, public.ecr.aws`);
    const { auths } = JSON.parse(reported(directory).DOCKER_AUTH_CONFIG ?? '');
    expect(auths).toEqual({
      [registryHost]: { auth },
      [other]: { auth },
      [american]: { auth },
      'public.ecr.aws': { auth: publicToken },
    });
    const asked = at.ecr.requests.map(({ service, region }) => `${service} ${region}`);
    expect(asked.sort()).toEqual(['ecr eu-central-1', 'ecr us-east-1', 'ecr-public us-east-1']);
  });

  it('keeps the entries that DOCKER_AUTH_CONFIG has, and says that a project variable overrides the report', async () => {
    const before = { auths: { 'registry.example.com': { auth: 'b2xkOmNhbmFyeQ==' } } };
    const { log, directory } = await ecrLogin({ DOCKER_AUTH_CONFIG: JSON.stringify(before) });
    expect(log).toContain('DOCKER_AUTH_CONFIG is already set. Its entries are part of the report.');
    expect(log).not.toContain('b2xkOmNhbmFyeQ');
    expect(JSON.parse(reported(directory).DOCKER_AUTH_CONFIG ?? '')).toEqual({
      auths: { ...before.auths, [registryHost]: { auth } },
    });
  });

  it('says that a runner without the programs of credential helpers ignores the variable', async () => {
    const config = { credHelpers: { 'gcr.io': 'gcloud' } };
    const { log } = await ecrLogin({ AWS_OIDC_AUTH_CONFIG: JSON.stringify(config) });
    expect(log).toContain('! DOCKER_AUTH_CONFIG names credential helpers');
    expect((await ecrLogin()).log).not.toContain('credential helpers');
  });

  it.each([
    [
      'a variable with another name',
      '{"auths":{"registry.example.com":{"auth":"eA=="}}}',
      ['registry.example.com', registryHost],
    ],
    ['a variable that does not exist', '$REGISTRY_AUTH', [registryHost]],
  ])('adds to %s', async (_, value, hosts) => {
    const { directory } = await ecrLogin({ AWS_OIDC_AUTH_CONFIG: value });
    const { auths } = JSON.parse(reported(directory).DOCKER_AUTH_CONFIG ?? '');
    expect(Object.keys(auths)).toEqual(hosts);
  });

  it.each([
    ['the session, if the token outlives it', 12, '900', 0.25],
    ['the token, if the session outlives it', 1, '7200', 1],
  ])('expires with %s', async (_, hours, duration, expected) => {
    at.ecr.expiration = inHours(hours);
    const { directory } = await ecrLogin({ AWS_OIDC_DURATION: duration });
    const expiration = new Date(reported(directory).AWS_OIDC_DOCKER_EXPIRATION ?? '');
    expect(Math.abs(expiration.getTime() - inHours(expected).getTime())).toBeLessThan(60_000);
  });

  it.each([
    [
      { DOCKER_AUTH_CONFIG: '{"auths": "canary"}' },
      '"DOCKER_AUTH_CONFIG" must be the JSON of a Docker config.json',
    ],
    [{ AWS_OIDC_AUTH_CONFIG: 'canary' }, '"auth_config" must be valid JSON'],
    [
      { AWS_OIDC_ECR_REGISTRIES: '["docker.io", "111111111111.dkr.ecr.eu-central-1.amazonaws.com/app"]' },
      '"registries[0]" must be the host of an Amazon ECR registry',
    ],
    [{ AWS_OIDC_ECR_REGISTRIES: 'docker.io' }, '"registries" must be valid JSON'],
  ])('refuses %j before anything is sent', async (env, message) => {
    const { exitCode, log } = await ecrLogin(env);
    expect(log).toContain(message);
    expect(log).not.toContain('canary');
    expect(exitCode).toBe(2);
    expect(at.ecr.requests).toEqual([]);
  });

  it("refuses a registry outside the role's partition", async () => {
    const host = '111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn';
    const { exitCode, log, directory } = await ecrLogin({ AWS_OIDC_ECR_REGISTRIES: JSON.stringify([host]) });
    expect(log).toContain('"registries" must be in the partition of the role, "aws"');
    expect(exitCode).toBe(2);
    expect(at.ecr.requests).toEqual([]);
    expect(() => statSync(join(directory, report))).toThrow('ENOENT');
  });
});

describe('aws-oidc ecr-login', () => {
  async function run(directory: string, ...flags: readonly string[]) {
    const args = [
      'ecr-login',
      '--output-format',
      'docker-config',
      '--output',
      join(directory, 'config.json'),
    ];
    return await runProgram(nodeUnderTest, [join(root, 'dist/aws-oidc.mjs'), ...args, ...flags], {
      PATH: '/usr/bin:/bin',
      GITLAB_OIDC_TOKEN: await at.sandbox.issuer.mint(),
      AWS_ENDPOINT_URL: at.ecr.url,
      AWS_REGION: 'eu-central-1',
    });
  }
  const before = { auths: { 'registry.example.com': { auth: 'b2xk' } }, HttpHeaders: { X: '1' } };

  it('adds to a config.json, and keeps what it has', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'docker-'));
    writeFileSync(join(directory, 'config.json'), JSON.stringify(before));
    const { exitCode } = await run(directory, '--role-arn', roles.deploy);
    expect(exitCode).toBe(0);
    expect(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'))).toEqual({
      ...before,
      auths: { ...before.auths, [registryHost]: { auth } },
    });
  });

  it('leaves a config.json alone if it fails', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'docker-'));
    writeFileSync(join(directory, 'config.json'), JSON.stringify(before));
    const { exitCode } = await run(directory, '--role-arn', 'bad');
    expect(exitCode).toBe(2);
    expect(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'))).toEqual(before);
  });
});

describe('what the login expects from AWS', () => {
  it('names the permission that the role lacks', async () => {
    at.ecr.refusal = 'User: NAME is not authorized to perform: ecr:GetAuthorizationToken on resource: *';
    const { exitCode, log, directory } = await ecrLogin();
    expect(log).toContain('These AWS credentials are not allowed to call ecr:GetAuthorizationToken.');
    expect(log).toContain(at.ecr.refusal);
    expect(exitCode).toBe(1);
    expect(() => statSync(join(directory, report))).toThrow('ENOENT');
  });

  it.each([
    'evil.example',
    'evil.example/111111111111.dkr.ecr.eu-central-1.amazonaws.com',
    '999999999999.dkr.ecr.eu-central-1.amazonaws.com',
    '111111111111.dkr.ecr.us-east-1.amazonaws.com',
    '',
  ])('accepts no other host from the server: %j', async (host) => {
    at.ecr.host = host;
    const { exitCode, log, directory } = await ecrLogin();
    expect(log).toContain("The response of ECR does not contain the account's registry.");
    expect(exitCode).toBe(1);
    expect(() => statSync(join(directory, report))).toThrow('ENOENT');
  });

  it('is independent of the keys, profiles and endpoints of other services', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'config-'));
    writeFileSync(
      join(directory, 'config'),
      '[default]\naws_access_key_id = AKIASTATIC\naws_secret_access_key = x\n',
    );
    const { exitCode } = await ecrLogin({
      AWS_ACCESS_KEY_ID: 'AKIASTATIC',
      AWS_SECRET_ACCESS_KEY: 'static-secret',
      AWS_PROFILE: 'default',
      AWS_CONFIG_FILE: join(directory, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(directory, 'config'),
    });
    expect(exitCode).toBe(0);
    expect(at.ecr.requests[0]?.accessKeyId).toMatch(/^ASIA/);
  });
});
