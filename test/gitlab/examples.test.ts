import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { iamOf, makeOrganization, makeRole, openTrustPolicy } from '../support/aws-setup.ts';
import { type Moto, peers, startMoto } from '../support/moto.ts';
import { pipelineCases } from '../support/pipeline-cases.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import { motoAccount } from '../support/setup-workplace.ts';
import { runInRunner } from './rig.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ instance: 'https://gitlab.com' });
});
afterAll(() => sandbox.stop());

/** Stand-ins for the tools of the examples, which print what they find instead of running. */
const tool = `#!/bin/sh
echo "$(basename "$0") has \${AWS_ASSUMED_ROLE_ARN:-\${AWS_WEB_IDENTITY_TOKEN_FILE:+a token for $AWS_ROLE_ARN}} \${AWS_PROFILE:+and the profile $AWS_PROFILE}"
`;

function directoryWith(...names: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'tools-'));
  for (const name of names) writeFileSync(join(directory, name), tool, { mode: 0o755 });
  return directory;
}

/** The example that needs IAM, which moto has; the sandbox has only STS. */
const auditExample = 'audit.gitlab-ci.yml';
/** They are run with the real tools, in tools.test.ts and ecr-login.test.ts. */
const withRealTools = ['eks', 'codeartifact', 'terraform-backend', 'container-image'].map(
  (name) => `${name}.gitlab-ci.yml`,
);
const examples = readdirSync(join(root, 'examples')).filter(
  (name) => name.endsWith('.gitlab-ci.yml') && ![auditExample, ...withRealTools].includes(name),
);

describe('examples', () => {
  it.concurrent.each(examples)('%s runs, and its tools find what they need', async (name) => {
    const pipeline = readFileSync(join(root, 'examples', name), 'utf8')
      // roles that the sandbox has
      .replaceAll(/=?arn:aws:iam::(\d+|\$ACCOUNT):role\/\w+/g, (arn) =>
        arn.startsWith('=') ? `=${roles.build}` : roles.build,
      );
    const jobs = await runInRunner(pipeline, {
      sandbox,
      variables: { DEPLOY_ROLE_ARN: roles.build, BUCKET: 'site' },
      args: [
        ...['--path', directoryWith('terraform', 'aws', 'npm', 'npx')],
        ...['--source', directoryWith('deploy.sh', 'copy.sh', 'migrate.sh')],
      ],
    });
    expect(Object.keys(jobs).length).toBeGreaterThan(0);
    for (const job of Object.values(jobs)) {
      expect(job).toMatchObject({ state: 'success', left: [] });
      expect(job.trace).toMatch(
        /has (arn:aws:sts::111111111111:assumed-role\/build\/|a token for arn:aws:iam::111111111111:role\/ci\/build| and the profile staging)/,
      );
      expect(job.trace).not.toMatch(/has +$/m);
    }
  });
});

describe('a recipe that became a component', () => {
  it('runs, and the job has what it needs', async () => {
    const { after } = Object.fromEntries(pipelineCases)['recipe-anchor-with-jq'] ?? { after: '' };
    const pipeline = after
      .replace(
        'aws configure list',
        'echo "$AWS_ROLE_ARN in $AWS_DEFAULT_REGION with $(wc -c < "$AWS_WEB_IDENTITY_TOKEN_FILE")"',
      )
      .replace(/aws s3 .*/, 'echo deployed')
      .replace('./prepare.sh', 'echo prepared');
    const jobs = await runInRunner(pipeline, { sandbox, variables: { ROLE_ARN: roles.deploy } });
    const log = Object.values(jobs)
      .map(({ trace }) => trace)
      .join('\n');
    expect(log).toMatch(/arn:aws:iam::111111111111:role\/deploy in ap-northeast-1 with \d{3,}/);
    expect(log).toContain('prepared');
    expect(log).toContain('deployed');
    for (const job of Object.values(jobs)) expect(job).toMatchObject({ state: 'success', left: [] });
  });
});

describe('with moto as AWS', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto.stop());

  it(`${auditExample} audits the organization, and accepts what is in its baseline`, async () => {
    const example = readFileSync(join(root, 'examples', auditExample), 'utf8');
    const pipeline = example.replace(/arn:aws:iam::\d+:role/, `arn:aws:iam::${motoAccount}:role`);
    const command = /^ *# +npx gitlab-aws-oidc (audit .*)$/m.exec(example)?.[1]?.split(' ') ?? [];
    const members = await makeOrganization(moto.url, 2);
    for (const account of members)
      await makeRole(await iamOf(moto.url, account), { name: 'open', trustPolicy: openTrustPolicy(account) });
    const env = {
      AWS_ENDPOINT_URL: moto.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
    };
    const cli = join(root, 'dist/aws-oidc.mjs');
    const { directory } = await runProgram(nodeUnderTest, [cli, ...command], env);
    const run = async () => {
      const variables = { AWS_ENDPOINT_URL: moto.url };
      return (await runInRunner(pipeline, { sandbox, variables, args: ['--source', directory] })).audit;
    };
    const known = await run();
    for (const account of [motoAccount, ...members]) expect(known?.trace).toContain(`Account ${account}: `);
    expect(known?.trace).toMatch(/^ +0 new, \d+ known from the baseline, 0 gone\.$/m);
    expect(known).toMatchObject({ state: 'success', left: [] });
    const [first = ''] = members;
    await makeRole(await iamOf(moto.url, first), { name: 'next', trustPolicy: openTrustPolicy(first) });
    const found = await run();
    expect(found?.trace).toContain('✘ role next: blocker');
    expect(found).toMatchObject({ state: 'failed', exit_code: 1, left: [] });
  });

  it('a pipeline gets credentials that the AWS CLI uses, as dotenv and as a web identity', async () => {
    const component = (name: string) => `component: $CI_SERVER_FQDN/aws-oidc/aws-oidc/${name}@1.0.0`;
    const pipeline = `
include:
  - ${component('assume-role')}
    inputs:
      role_arn: ${roles.deploy}
      region: eu-central-1
      role_chain: [arn:aws:iam::222222222222:role/next]
  - ${component('web-identity')}
    inputs: { role_arn: ${roles.deploy}, region: eu-central-1 }
chained:
  stage: deploy
  extends: .with-assume-role
  script: [aws sts get-caller-identity --query Arn --output text]
by-itself:
  stage: deploy
  extends: .aws-web-identity
  script: [aws sts get-caller-identity --query Arn --output text]
`;
    const jobs = await runInRunner(pipeline, {
      sandbox,
      variables: { AWS_ENDPOINT_URL_STS: moto.url },
      args: ['--path', peers],
    });
    expect(jobs.chained?.trace).toContain(
      '\narn:aws:sts::222222222222:assumed-role/next/GitLabRunner-20-4242',
    );
    expect(jobs['by-itself']?.trace).toContain(
      '\narn:aws:sts::111111111111:assumed-role/deploy/GitLabRunner-20-4242',
    );
    for (const job of Object.values(jobs)) expect(job).toMatchObject({ state: 'success', left: [] });
  });
});
