import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import {
  exactTrustPolicy,
  iamOf,
  makeOrganization,
  makeProvider,
  makeRole,
  openTrustPolicy,
  type TestRole,
} from '../support/aws-setup.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import { motoAccount } from '../support/setup-workplace.ts';

const account = '111111111111';
const [report, links] = ['gl-code-quality-report.json', 'aws-oidc.annotations.json'];

let moto: Moto;
let sandbox: Sandbox;
beforeAll(async () => {
  [moto, sandbox] = await Promise.all([startMoto(), startSandbox({ instance: 'https://gitlab.com' })]);
}, 90_000);
afterAll(async () => {
  moto?.stop();
  await sandbox?.stop();
});
beforeEach(() => moto.reset());

/** Runs the program as the component does, with moto as AWS. */
async function auditJob(env: Readonly<Record<string, string>> = {}, directory?: string, ref = 'main') {
  const token = await sandbox.issuer.mint({ job: { ref } });
  const run = await runProgram(
    nodeUnderTest,
    [join(root, 'dist/audit.mjs')],
    {
      PATH: '/usr/bin:/bin',
      CI_JOB_ID: '1',
      CI_DEFAULT_BRANCH: 'main',
      GITLAB_OIDC_TOKEN: token,
      AWS_ENDPOINT_URL: moto.url,
      AWS_OIDC_ROLE_ARN: roles.deploy,
      AWS_OIDC_REGION: 'eu-central-1',
      AWS_OIDC_AUDIT_FAIL_ON: 'major',
      AWS_OIDC_AUDIT_REPORT: report,
      AWS_OIDC_ANNOTATIONS: links,
      ...env,
    },
    directory,
  );
  expect(run.stdout).not.toContain(token);
  expect(run.stdout).not.toMatch(/\bASIA[A-Z0-9]{16}/);
  return { ...run, stdout: stripVTControlCharacters(run.stdout) };
}

/** Creates roles in an account. */
async function withRoles(inAccount: string, ...made: readonly TestRole[]): Promise<void> {
  const iam = await iamOf(moto.url, inAccount);
  await makeProvider(iam, 'https://gitlab.com', ['https://gitlab.com']);
  for (const one of made) await makeRole(iam, one);
}

const open = { name: 'open', trustPolicy: openTrustPolicy(account) };
const exact = { name: 'exact', trustPolicy: exactTrustPolicy(account) };

/** The rules and paths of the Code Quality report. */
function issuesIn(directory: string): readonly string[] {
  const issues: readonly { check_name: string; location: { path: string } }[] = JSON.parse(
    readFileSync(join(directory, report), 'utf8'),
  );
  return issues.map(({ check_name: rule, location }) => `${location.path} ${rule}`);
}

describe('the audit job', () => {
  it('audits the account of the role, and writes the findings for GitLab', async () => {
    await withRoles(account, exact, open);
    const { exitCode, stdout, directory } = await auditJob();
    expect(stdout).toContain(`Account ${account}: 2 of 2 roles`);
    expect(stdout).toContain('✘ role open: blocker');
    expect(stdout).toContain('✔ role exact');
    expect(issuesIn(directory)).toEqual([
      `${account}/open subject-any-project`,
      `${account}/open name-without-id`,
    ]);
    expect(JSON.parse(readFileSync(join(directory, links), 'utf8'))).toMatchObject({
      'Roles with findings': [{ external_link: { label: `blocker: open in ${account}` } }],
    });
    for (const file of [report, links]) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    expect(exitCode).toBe(1);
  });

  it('writes both files if there is nothing to find', async () => {
    await withRoles(account, exact);
    const { exitCode, directory } = await auditJob();
    expect(issuesIn(directory)).toEqual([]);
    expect(readFileSync(join(directory, links), 'utf8')).toBe('{}\n');
    expect(exitCode).toBe(0);
  });

  it('uses the session of the role, whatever keys and profiles the variables have', async () => {
    await withRoles(account, open);
    const { exitCode, stdout } = await auditJob({
      AWS_ACCESS_KEY_ID: 'AKIASTATIC',
      AWS_SECRET_ACCESS_KEY: 'static-secret',
      AWS_SESSION_TOKEN: 'static-token',
      AWS_PROFILE: 'missing',
    });
    expect(stdout).toContain(`Account ${account}: 1 of 1 role`);
    expect(stdout).not.toContain('static-');
    expect(exitCode).toBe(1);
  });

  it('audits every account of the organization of the role', async () => {
    const [first = '', second = ''] = await makeOrganization(moto.url, 2);
    await withRoles(first, { name: 'deploy', trustPolicy: exactTrustPolicy(first) });
    await withRoles(second, { name: 'deploy', trustPolicy: openTrustPolicy(second) });
    const { exitCode, stdout, directory } = await auditJob({
      AWS_OIDC_ROLE_ARN: `arn:aws:iam::${motoAccount}:role/audit`,
      AWS_OIDC_AUDIT_ORGANIZATION_ROLE: 'audit-member',
    });
    for (const one of [motoAccount, first, second]) expect(stdout).toContain(`reading account ${one} …`);
    expect(issuesIn(directory)).toContain(`${second}/deploy subject-any-project`);
    expect(issuesIn(directory).join()).not.toContain(first);
    expect(exitCode).toBe(1);
  });

  it('fails only for the severity of the input or a higher one', async () => {
    const trustPolicy = exactTrustPolicy(account);
    await withRoles(account, { name: 'old', trustPolicy: { ...trustPolicy, Version: '2008-10-17' } });
    expect((await auditJob({ AWS_OIDC_AUDIT_FAIL_ON: 'info' })).exitCode).toBe(1);
    expect((await auditJob({ AWS_OIDC_AUDIT_FAIL_ON: 'minor' })).exitCode).toBe(0);
  });

  it('fails only for findings that the baseline does not have', async () => {
    await withRoles(account, open);
    const {
      accessKeyId,
      secretAccessKey,
      sessionToken = '',
    } = await (await iamOf(moto.url, account)).config.credentials();
    const { directory } = await runProgram(
      nodeUnderTest,
      [join(root, 'dist/aws-oidc.mjs'), 'audit', '--write-baseline', 'known.json'],
      {
        AWS_ENDPOINT_URL: moto.url,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    );
    const baseline = { AWS_OIDC_AUDIT_BASELINE: 'known.json' };
    const same = await auditJob(baseline, directory);
    expect(same.stdout).toContain('0 new, 2 known from the baseline, 0 gone.');
    expect(readFileSync(join(directory, links), 'utf8')).toBe('{}\n');
    expect(same.exitCode).toBe(0);
    await makeRole(await iamOf(moto.url, account), { ...open, name: 'another' });
    const more = await auditJob(baseline, directory);
    expect(more.stdout).toContain('2 new, 2 known from the baseline, 0 gone.');
    expect(more.exitCode).toBe(1);
  });

  it('rejects a wrong baseline or severity before it sends the token', async () => {
    const { directory, ...missing } = await auditJob({ AWS_OIDC_AUDIT_BASELINE: 'none.json' });
    expect(missing.stdout).toContain('must be a readable file (ENOENT)');
    writeFileSync(join(directory, 'odd.json'), '[]');
    const odd = await auditJob({ AWS_OIDC_AUDIT_BASELINE: 'odd.json' }, directory);
    expect(odd.stdout).toContain('must be a baseline of version 1');
    const severe = await auditJob({ AWS_OIDC_AUDIT_FAIL_ON: 'severe' });
    expect(severe.stdout).toContain('must be one of info, minor, major, critical, blocker');
    for (const { exitCode, stdout } of [missing, odd, severe]) {
      expect(exitCode).toBe(2);
      expect(stdout).not.toContain('Session');
    }
  });

  it('explains a refused exchange as the other jobs do', async () => {
    const sts = { AWS_ENDPOINT_URL_STS: sandbox.sts.url };
    const { exitCode, stdout } = await auditJob(sts, undefined, 'feature');
    expect(stdout).toContain('AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity');
    expect(stdout).toContain(
      'A policy for another branch, such as the default one, does not match this ref.',
    );
    expect(exitCode).toBe(1);
  });

  it('names the action if the role may not list roles', async () => {
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    };
    await withRoles(account, { ...exact, name: 'deploy', inline: { document } });
    await moto.enforcePolicies(1);
    const { exitCode, stdout } = await auditJob();
    expect(stdout).toContain('✘ These AWS credentials are not allowed to call iam:ListRoles.');
    expect(exitCode).toBe(1);
  });

  it('ends with 75 if IAM does not respond', async () => {
    const { exitCode, stdout } = await auditJob({ AWS_ENDPOINT_URL_IAM: 'http://127.0.0.1:1' });
    expect(stdout).toContain('AWS did not answer iam:ListRoles (ECONNREFUSED).');
    expect(exitCode).toBe(75);
  }, 60_000);
});
