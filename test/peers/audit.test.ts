import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  exactTrustPolicy,
  iamOf,
  makeOrganization,
  makePolicy,
  makeProvider,
  makeRole,
  openTrustPolicy,
  userWith,
} from '../support/aws-setup.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { root } from '../support/run-program.ts';
import { makeWorkplace, motoAccount, runCli, type Workplace } from '../support/setup-workplace.ts';

let moto: Moto;
let place: Workplace;
beforeAll(async () => {
  moto = await startMoto({ MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' });
  place = await makeWorkplace({ awsUrl: moto.url });
}, 90_000);
afterAll(async () => {
  moto?.stop();
  await place?.gitlab.stop();
});
beforeEach(() => moto.reset());

const ec2 = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** The JSON report, by role: its worst finding, and its permissions. */
async function audit(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, text } = await runCli(place, ['audit', '--format', 'json', ...args], env);
  const report = stdout === '' ? undefined : JSON.parse(stdout);
  return { exitCode, report, text };
}

describe('audit', () => {
  it('reads the roles, policies and providers of an account', async () => {
    const iam = await iamOf(moto.url);
    await makeProvider(iam, 'https://gitlab.com', ['https://gitlab.com', ...'abcde']);
    const own = await makePolicy(iam, 'own', all);
    await makeRole(iam, { name: 'open', trustPolicy: openTrustPolicy(motoAccount), attached: [own] });
    await makeRole(iam, {
      name: 'closed',
      trustPolicy: exactTrustPolicy(motoAccount),
      attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    });
    await makeRole(iam, { name: 'server', trustPolicy: ec2, inline: { all } });
    const { exitCode, report } = await audit();
    expect(report.accounts).toEqual([{ account: motoAccount, roles: 3, rolesThatTrustIssuers: 2 }]);
    expect(report.roles).toMatchObject([
      { name: 'open', severity: 'blocker', permissions: { level: 'administrator' }, lastUsed: 'never' },
      { name: 'closed', severity: null, permissions: { level: 'read-only' } },
    ]);
    expect(report.providers).toMatchObject([{ name: 'gitlab.com', roles: 2 }]);
    expect(report.providers[0].findings).not.toEqual([]);
    expect(exitCode).toBe(1);
  });

  it('reads every account of an organization', async () => {
    const members = await makeOrganization(moto.url, 12);
    for (const [index, account] of members.entries()) {
      const iam = await iamOf(moto.url, account);
      const trustPolicy = index % 3 === 0 ? openTrustPolicy(account) : exactTrustPolicy(account);
      await makeProvider(iam, 'https://gitlab.com', ['https://gitlab.com']);
      await makeRole(iam, { name: `deploy-${index}`, trustPolicy });
    }
    const { report, exitCode } = await audit(['--organization-role', 'auditor', '--parallel', '5']);
    expect(report.accounts).toHaveLength(13);
    const open = report.roles.filter(({ severity }: { severity: string | null }) => severity === 'blocker');
    expect(open.map(({ name }: { name: string }) => name).sort()).toEqual(
      ['deploy-0', 'deploy-3', 'deploy-6', 'deploy-9'].sort(),
    );
    expect(report.unread).toEqual([]);
    expect(exitCode).toBe(1);
  }, 60_000);

  it('leaves out what it may not read, and names the actions', async () => {
    const iam = await iamOf(moto.url);
    await makeRole(iam, { name: 'closed', trustPolicy: exactTrustPolicy(motoAccount), inline: { all } });
    const statement = { Effect: 'Allow', Action: ['iam:ListRoles', 'iam:ListRolePolicies'], Resource: '*' };
    const keys = await userWith(await iamOf(moto.url), { Version: '2012-10-17', Statement: [statement] });
    await moto.enforcePolicies();
    const { report, text } = await audit([], keys);
    expect(text).toContain(
      'not allowed to call iam:GetRole, iam:GetRolePolicy, iam:ListAttachedRolePolicies, iam:ListOpenIDConnectProviders',
    );
    expect(report.roles).toMatchObject([
      { name: 'closed', permissions: { level: 'unknown' }, lastUsed: null },
    ]);
  });

  it('needs only the actions that the documentation lists', async () => {
    const page = readFileSync(join(root, 'docs/setup.md'), 'utf8');
    const documented = [...page.matchAll(/```json\n([\s\S]*?)```/g)].find(([, text]) =>
      text?.includes('iam:ListRoles'),
    );
    const iam = await iamOf(moto.url);
    await makeProvider(iam, 'https://gitlab.com', ['https://gitlab.com']);
    await makeRole(iam, {
      name: 'closed',
      trustPolicy: exactTrustPolicy(motoAccount),
      inline: { all },
      attached: [await makePolicy(iam, 'own', all)],
    });
    const keys = await userWith(iam, JSON.parse(documented?.[1] ?? ''));
    await moto.enforcePolicies();
    const { exitCode, report, text } = await audit([], keys);
    expect(text).not.toContain('not allowed');
    expect(report.roles).toMatchObject([{ permissions: { level: 'administrator', unread: [] } }]);
    expect(report.providers).toMatchObject([{ name: 'gitlab.com', roles: 1 }]);
    expect(exitCode).toBe(0);
  });

  it('ends with the action if it may not list roles', async () => {
    const keys = await userWith(await iamOf(moto.url), {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    });
    await moto.enforcePolicies();
    const { exitCode, text } = await audit([], keys);
    expect(text).toContain('These AWS credentials are not allowed to call iam:ListRoles.');
    expect(exitCode).toBe(1);
  });
});
