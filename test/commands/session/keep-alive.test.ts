import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { externalId, roles } from '../../../sandbox/sandbox.ts';
import { competingVariables } from '../../../src/environment-variables.ts';
import { useSandbox } from '../../support/command-run.ts';
import { root, runProgram } from '../../support/run-program.ts';

const job = useSandbox();
afterEach(() => {
  job.sandbox.sts.keys.maxSeconds = Number.POSITIVE_INFINITY;
});

const ask = `'${process.execPath}' '${join(root, 'test/support/endpoint-client.cjs')}'`;

async function exec(script: string, env: Record<string, string> = {}, flags: readonly string[] = []) {
  const before = job.sandbox.sts.requests.length;
  const program = [join(root, 'dist/aws-oidc.mjs'), 'exec', '--keep-alive', '--role-arn', roles.deploy];
  const run = await runProgram(process.execPath, [...program, ...flags, '--', 'sh', '-c', script], {
    PATH: process.env.PATH ?? '',
    GITLAB_OIDC_TOKEN: job.token,
    AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
    ...env,
  });
  const actions = job.sandbox.sts.requests.slice(before).map(({ action }) => action);
  const answers = [...run.stdout.matchAll(/^(\d{3}) (\{.*\})$/gm)].map(([, status, body = '']) => ({
    status: Number(status),
    body: JSON.parse(body) as Record<string, string>,
  }));
  return { ...run, actions, answers };
}

describe('aws-oidc exec --keep-alive', () => {
  it('gives the command an endpoint instead of keys, and nothing that competes with it', async () => {
    const old = Object.fromEntries(competingVariables.map((name) => [name, 'old-one']));
    const { exitCode, stdout, actions } = await exec('env', old);
    expect({ exitCode, actions }).toEqual({ exitCode: 0, actions: ['AssumeRoleWithWebIdentity'] });
    expect(stdout).toMatch(/^AWS_CONTAINER_CREDENTIALS_FULL_URI=http:\/\/127\.0\.0\.1:\d+\/credentials$/m);
    expect(stdout).toMatch(/^AWS_CONTAINER_AUTHORIZATION_TOKEN=[\w-]{43}$/m);
    expect(stdout).toMatch(/^AWS_ACCOUNT_ID=111111111111$/m);
    expect(stdout).toMatch(/^AWS_SHARED_CREDENTIALS_FILE=\/dev\/null$/m);
    expect(stdout).not.toMatch(/ASIA|IQoJ|eyJ|old-one|AWS_CREDENTIAL_EXPIRATION|AWS_OIDC_ACCESS_KEY_ID/);
  });

  it('serves the session, and ends the server with the command', async () => {
    const { answers, stdout } = await exec(`${ask}; env`);
    expect(answers).toMatchObject([{ status: 200, body: { AccountId: '111111111111' } }]);
    const [, url = ''] = /^AWS_CONTAINER_CREDENTIALS_FULL_URI=(.*)$/m.exec(stdout) ?? [];
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('renews the session of a chain of roles, and says so', async () => {
    job.sandbox.sts.keys.maxSeconds = 6;
    const chain = ['--role-chain', roles.production, '--external-id', externalId, '--duration', '900'];
    const { answers, actions, stderr } = await exec(`${ask}; sleep 4; ${ask}`, {}, chain);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const keys = answers.map(({ body }) => body.AccessKeyId);
    expect(keys[1]).not.toBe(keys[0]);
    const once = ['AssumeRoleWithWebIdentity', 'AssumeRole'];
    expect(actions.slice(0, 4)).toEqual([...once, ...once]);
    expect(stderr).toMatch(/^! The session was renewed: until 20.*Z\.$/m);
    expect(stderr).not.toMatch(/ASIA|IQoJ|eyJ/);
  });

  it('renews the session with the same session policies, duration and name', async () => {
    job.sandbox.sts.keys.maxSeconds = 6;
    const [policy, managed] = [
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}',
      'arn:aws:iam::aws:policy/ReadOnlyAccess',
    ];
    const flags = [
      '--policy',
      policy,
      '--policy-arns',
      managed,
      '--duration',
      '900',
      '--session-name',
      'long',
    ];
    const before = job.sandbox.sts.requests.length;
    const { exitCode, stderr } = await exec('sleep 4', {}, flags);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const sent = job.sandbox.sts.requests.slice(before).map(({ parameters }) => parameters);
    expect(sent.length).toBeGreaterThan(1);
    for (const one of sent) {
      expect(one).toMatchObject({
        Policy: policy,
        'PolicyArns.member.1.arn': managed,
        DurationSeconds: '900',
        RoleSessionName: 'long',
      });
    }
  });

  it('says that the ID token expired, once the last session has ended', async () => {
    job.sandbox.sts.keys.maxSeconds = 3;
    const token = await job.sandbox.issuer.mint({ expiresInSeconds: 2 });
    const { answers, stderr } = await exec(`${ask}; sleep 5; ${ask}`, { GITLAB_OIDC_TOKEN: token });
    expect(answers.map(({ status }) => status)).toEqual([200, 503]);
    const message = /^The ID token expired at 20.*Z: raise the timeout of the job$/;
    expect(answers[1]?.body.message).toMatch(message);
    expect(stderr).toMatch(/^! The session could not be renewed: The ID token expired at /m);
  });

  it('serves the session that it has if STS refuses another, and says why', async () => {
    job.sandbox.sts.keys.maxSeconds = 6;
    const before = job.sandbox.sts.answers.length;
    const running = exec(`${ask}; sleep 3.5; ${ask}; sleep 4; ${ask}`);
    await expect.poll(() => job.sandbox.sts.answers.length, { timeout: 10_000 }).toBeGreaterThan(before);
    job.sandbox.sts.faults.plan({ kind: 'error', error: 'notAuthorized' }, 1000);
    const { answers } = await running;
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 503]);
    expect(answers[2]?.body.message).toContain('AccessDenied: Not authorized to perform');
  });

  it('needs an empty env_prefix', async () => {
    const { exitCode, stderr, actions } = await exec('true', {}, ['--env-prefix', 'PROD_']);
    expect({ exitCode, actions }).toEqual({ exitCode: 2, actions: [] });
    expect(stderr).toContain('"--env-prefix" must be empty if the session is kept alive');
  });

  it.each(['-', '/dev/stdin', '/proc/self/fd/0'])('reads no token from %s, once', async (file) => {
    const { exitCode, stderr, actions } = await exec('true', {}, ['--token-file', file]);
    expect({ exitCode, actions }).toEqual({ exitCode: 2, actions: [] });
    expect(stderr).toContain('"--token-file" must be a file that can be read again');
  });

  it('hides a config file whose default profile has credentials, and no other', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'config-'));
    const [good, bad] = ['good', 'bad'].map((name) => join(directory, name)) as [string, string];
    writeFileSync(good, '[default]\nregion = x\n[profile x]\nrole_arn = x\n');
    writeFileSync(bad, '[default]\naws_access_key_id = x\n');
    const kept = await exec('env', { AWS_CONFIG_FILE: good });
    expect(kept.stdout).toContain(`AWS_CONFIG_FILE=${good}\n`);
    const hidden = await exec('env', { AWS_CONFIG_FILE: bad });
    expect(hidden.stdout).toContain('AWS_CONFIG_FILE=/dev/null\n');
    expect(hidden.stderr).toContain(`! ${bad} is not used: SDKs would use the credentials`);
  });

  it('does not run the command without credentials', async () => {
    const { exitCode, stdout } = await exec('echo ran', { GITLAB_OIDC_TOKEN: '' });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it("passes the command's exit code on", async () => {
    expect((await exec('exit 42')).exitCode).toBe(42);
  });
});
