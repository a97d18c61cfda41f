import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Iam } from '../../src/aws-api/iam.ts';
import { normalized } from '../../src/commands/setup/normalized-policy.ts';
import { readTrustTarget } from '../../src/commands/trust-policy/trust-target.ts';
import { generatePolicy } from '../../src/trust-policy/generate.ts';
import { iamOf, userWith } from '../support/aws-setup.ts';
import { startCountingProxy } from '../support/counting-proxy.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { root, runProgram } from '../support/run-program.ts';
import {
  iamAt,
  instance,
  makeWorkplace,
  motoAccount,
  pipelineIn,
  runCli,
  type Workplace,
  writeGlabConfig,
} from '../support/setup-workplace.ts';

let moto: Moto;
let iam: Iam;
let place: Workplace;
beforeAll(async () => {
  moto = await startMoto({ MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' });
  iam = iamAt(moto.url);
}, 90_000);
afterAll(() => moto?.stop());
beforeEach(async () => {
  await moto.reset();
  place = await makeWorkplace({ awsUrl: moto.url });
  return () => place.gitlab.stop();
});

const role = 'gitlab-acme-shop';
const roleArn = `arn:aws:iam::${motoAccount}:role/${role}`;
const providerArn = `arn:aws:iam::${motoAccount}:oidc-provider/gitlab.example.com`;
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
};
const trustPolicy = generatePolicy(
  readTrustTarget({ issuer: instance, account: motoAccount, project: 'acme/shop', branch: ['main'] }, {}),
);

/** Everything that setup makes. */
async function state() {
  const found = await iam.role(role);
  return {
    audiences: await iam.audiencesOf(providerArn),
    trustPolicy: found && normalized(found.trustPolicy),
    tags: found?.tags,
    attached: found && (await iam.attachedPolicies(role)),
    inline: found && (await iam.inlinePolicy(role, 'gitlab-ci')),
    pipeline: pipelineIn(place),
  };
}

function policyFile(): string {
  const path = join(place.home, 'policy.json');
  writeFileSync(path, JSON.stringify(policy));
  return path;
}

describe('setup', () => {
  it('shows the plan and changes nothing without --yes', async () => {
    const before = await state();
    const { exitCode, text } = await runCli(place, ['setup']);
    expect(text).toContain(`+ identity provider gitlab.example.com, audience ${instance}`);
    expect(text).toContain(`+ role ${role}, sessions of up to 3600 s:`);
    expect(text).toContain(`+      role_arn: ${roleArn}`);
    expect(text).toContain('✔ branch main: allowed');
    expect(text).toContain('Nothing was changed. To make these changes, add --yes.');
    expect(exitCode).toBe(0);
    expect(await state()).toEqual(before);
  });

  it('makes the provider, the role, its policies and the include, and has nothing left to do', async () => {
    const args = ['setup', '--yes', '--policy-arn', readOnly, '--policy', policyFile()];
    const { exitCode, text } = await runCli(place, args);
    expect(text).toContain('✔ Read back from IAM: the role and the identity provider are as planned.');
    expect(exitCode).toBe(0);
    expect(await state()).toMatchObject({
      audiences: [instance],
      trustPolicy: normalized(trustPolicy),
      tags: { 'created-by': 'aws-oidc', 'gitlab-project': `${instance}/acme/shop` },
      attached: [readOnly],
      inline: policy,
      pipeline: expect.stringMatching(
        /^include:\n {2}- component: .*\n {4}inputs:\n {6}role_arn: .*\n\nstages: /,
      ),
    });
    const after = await state();
    const again = await runCli(place, args);
    expect(again.text).toContain('Nothing to change.');
    expect(await state()).toEqual(after);
  });

  it('creates the pipeline of a project that has none, from a subfolder', async () => {
    place.git('rm', '--quiet', '.gitlab-ci.yml');
    const folder = join(place.clone, 'src/deep');
    mkdirSync(folder, { recursive: true });
    const { exitCode, text } = await runCli({ ...place, clone: folder }, ['setup', '--yes']);
    expect(text).toContain('created: ../../.gitlab-ci.yml, with the component');
    expect(exitCode).toBe(0);
    expect(pipelineIn(place)).toContain(roleArn);
    expect((await runCli(place, ['setup'])).text).toContain('Nothing to change.');
  });

  it('prints JSON alone on standard output', async () => {
    const { stdout, exitCode } = await runCli(place, ['setup', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ roleArn, applied: false, accessAsWanted: true });
    expect(exitCode).toBe(0);
  });

  it.each(['cloudformation', 'terraform', 'cli'])(
    'prints %s instead, without AWS credentials',
    async (output) => {
      const env = {
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      };
      const args = ['setup', '--output', output, '--account', motoAccount, '--policy-arn', readOnly];
      const { exitCode, stdout } = await runCli(place, args, env);
      expect(stdout).toContain('project_path:acme/shop:ref_type:branch:ref:main');
      expect(stdout).toContain(readOnly);
      expect(exitCode).toBe(0);
      expect((await state()).audiences).toBeUndefined();
    },
  );

  it('prints a script for the AWS CLI that makes the same', async () => {
    const args = ['--policy-arn', readOnly, '--policy', policyFile(), '--no-pipeline'];
    const { stdout } = await runCli(place, ['setup', '--output', 'cli', ...args]);
    const peers = process.env.AWS_OIDC_PEERS ?? '';
    const script = await runProgram('sh', ['-c', stdout], {
      ...place.env,
      PATH: `${peers}:${place.env.PATH}`,
    });
    expect(script.stderr).toBe('');
    const made = await state();
    expect(made).toMatchObject({ audiences: [instance], attached: [readOnly], inline: policy });
    const { text } = await runCli(place, ['setup', ...args]);
    expect(text).toContain('Nothing to change.');
  });

  it('needs only the actions that the documentation lists', async () => {
    const page = readFileSync(join(root, 'docs/setup.md'), 'utf8');
    const [documented = ''] = /```json\n([\s\S]*?)```/.exec(page)?.slice(1) ?? [];
    // moto decides by actions, and compares no resources or conditions
    const actions = JSON.parse(documented).Statement.flatMap((one: { Action: string[] }) => one.Action);
    const allow = { Effect: 'Allow', Action: actions, Resource: '*' };
    const allowed = { Version: '2012-10-17', Statement: [allow] };
    const keys = await userWith(await iamOf(moto.url), allowed);
    await moto.enforcePolicies();
    const args = ['setup', '--yes', '--policy-arn', readOnly, '--policy', policyFile()];
    const { exitCode, text } = await runCli(place, args, keys);
    expect(text).toContain('as planned');
    expect(exitCode).toBe(0);
    const update = await runCli(place, [...args, '--branch', 'main', '--tag', 'v1', '--update-role'], keys);
    expect(update.text).toContain(`changed: trust policy of the role ${role}`);
  });

  it.each([
    ['iam:GetOpenIDConnectProvider', []],
    ['iam:CreateOpenIDConnectProvider', []],
    ['iam:CreateRole', ['identity provider']],
    ['iam:PutRolePolicy', ['identity provider', 'role']],
  ])('names %s if the caller may not call it, and what was made before', async (action, made) => {
    const { allow, deny } = {
      allow: { Action: 'iam:*', Effect: 'Allow' },
      deny: { Action: action, Effect: 'Deny' },
    };
    const Statement = [allow, deny].map((one) => ({ ...one, Resource: '*' }));
    const keys = await userWith(await iamOf(moto.url), { Version: '2012-10-17', Statement });
    await moto.enforcePolicies();
    const { exitCode, text } = await runCli(place, ['setup', '--yes', '--policy', policyFile()], keys);
    expect(text).toContain(`✘ These AWS credentials are not allowed to call ${action}.`);
    for (const one of made) expect(text).toMatch(new RegExp(`created: ${one}`));
    expect(exitCode).toBe(1);
  });

  it('ends in the same state if it is killed after any request and run again', async () => {
    const args = ['setup', '--yes', '--policy-arn', readOnly, '--policy', policyFile()];
    const proxy = await startCountingProxy(moto.url, place.gitlab.url);
    const [awsUrl = '', gitlabUrl = ''] = proxy.urls;
    writeGlabConfig(place.home, gitlabUrl);
    const env = { AWS_ENDPOINT_URL: awsUrl };
    expect((await runCli(place, args, env)).exitCode).toBe(0);
    const wanted = await state();
    const requests = proxy.count;
    expect(requests).toBeGreaterThan(10);
    for (let at = 1; at <= requests; at++) {
      await moto.reset();
      place.git('checkout', '--quiet', '--', '.');
      const killed = await runCli(place, args, env, (end) => proxy.after(at, end));
      expect(killed.exitCode, `killed after request ${at}`).toBeNull();
      const { exitCode } = await runCli(place, args, env);
      expect(exitCode).toBe(0);
      expect(await state(), `killed after request ${at}`).toEqual(wanted);
    }
    proxy.stop();
  }, 180_000);

  it('uses the partition of the caller', async () => {
    const { exitCode, text } = await runCli(place, ['setup', '--yes', '--region', 'us-gov-west-1']);
    expect(text).toContain(`arn:aws-us-gov:iam::${motoAccount}:oidc-provider/gitlab.example.com`);
    expect(text).toContain(`role_arn: arn:aws-us-gov:iam::${motoAccount}:role/${role}`);
    expect(text).toContain('region: us-gov-west-1');
    expect(exitCode).toBe(0);
    const wrong = await runCli(place, ['setup', '--region', 'us-gov-west-1', '--policy-arn', readOnly]);
    expect(wrong.text).toContain('must be in the partition of the account: arn:aws-us-gov:…');
  });

  it('refuses credentials of another account than the one in the flag', async () => {
    const { exitCode, text } = await runCli(place, ['setup', '--yes', '--account', '111111111111']);
    expect(text).toContain(`These AWS credentials are of the account ${motoAccount}, not 111111111111.`);
    expect(exitCode).toBe(2);
    expect((await state()).audiences).toBeUndefined();
  });

  it('neither shows nor writes a pipeline that a link leads out of the repository to', async () => {
    const [outside, inside] = [join(place.home, 'private.yml'), join(place.clone, '.gitlab-ci.yml')];
    writeFileSync(outside, 'job:\n  script: [hidden-word]\n');
    rmSync(inside);
    symlinkSync(outside, inside);
    const { exitCode, text } = await runCli(place, ['setup', '--yes']);
    expect(text).toContain(`role_arn: ${roleArn}`);
    expect(text).not.toContain('hidden-word');
    expect(readFileSync(outside, 'utf8')).toBe('job:\n  script: [hidden-word]\n');
    expect(exitCode).toBe(0);
  });

  it('leaves a role that somebody else made', async () => {
    const { keys } = { keys: place.env };
    const aws = join(process.env.AWS_OIDC_PEERS ?? '', 'aws');
    const document = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
    await runProgram(
      aws,
      ['iam', 'create-role', '--role-name', role, '--assume-role-policy-document', document],
      keys,
    );
    const before = await state();
    const { exitCode, text } = await runCli(place, ['setup', '--yes']);
    expect(text).toContain(
      `✘ The role ${role} exists and differs; setup did not create it. Nothing was changed.`,
    );
    expect(exitCode).toBe(1);
    expect(await state()).toEqual(before);
  });
});
