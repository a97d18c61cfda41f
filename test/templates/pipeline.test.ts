import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { componentAddress, makeConsumer } from '../../sandbox/catalog.ts';
import type { TokenOptions } from '../../sandbox/issuer.ts';
import { runPipeline } from '../../sandbox/pipeline.ts';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { root } from '../support/run-program.ts';
import { busyboxAsBash } from '../support/shells.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const template = readFileSync(join(root, 'templates/assume-role.yml'), 'utf8');

async function consumer(pipeline: string, token: TokenOptions = {}, variables: Record<string, string> = {}) {
  return makeConsumer({
    directory: mkdtempSync(join(tmpdir(), 'pipeline-')),
    pipeline,
    files: { 'assume-role.yml': template },
    variables: {
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(token),
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      DEPLOY_ROLE_ARN: roles.deploy,
      ...variables,
    },
  });
}

const quickStart = `
include:
  - component: ${componentAddress}/assume-role@1
    inputs:
      role_arn: $DEPLOY_ROLE_ARN
      region: eu-central-1
      policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
      policy_arns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
      allowed_account_ids: ["111111111111"]
deploy:
  extends: .with-assume-role
  script:
    - echo "I am $AWS_ASSUMED_ROLE_ARN in $AWS_REGION"
    - echo "this is \${BASH_VERSION:+not }busybox"
`;

describe.each([
  ['bash', undefined],
  ['busybox sh', busyboxAsBash()],
])('a pipeline with the component, in %s', (_, shellDirectory) => {
  const options = shellDirectory === undefined ? {} : { shellDirectory };

  it('gives credentials to the job that extends .with-assume-role', async () => {
    const project = await consumer(quickStart);
    const before = sandbox.sts.requests.length;
    const { exitCode, log } = await runPipeline(project, options);
    expect(log).toContain(
      'I am arn:aws:sts::111111111111:assumed-role/deploy/GitLabRunner-1217-1000 in eu-central-1',
    );
    expect({ exitCode, requests: sandbox.sts.requests.length - before }).toEqual({
      exitCode: 0,
      requests: 1,
    });
    expect(log).not.toMatch(/eyJ|IQoJ/);
    expect(statSync(join(project.directory, 'aws-oidc.assume-role.env')).mode & 0o777).toBe(0o600);
  });

  it('stops where the role does not trust the branch, without a report and without the next job', async () => {
    const project = await consumer(quickStart, { job: { ref: 'feature' } });
    const { exitCode, log } = await runPipeline(project, options);
    expect(exitCode).toBe(1);
    expect(log).toContain('✘ AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity');
    expect(log).toContain('The token\'s sub is "project_path:acme/shop:ref_type:branch:ref:feature"');
    expect(log).not.toContain('I am');
    expect(readdirSync(project.directory).filter((name) => name.startsWith('aws-oidc'))).toEqual([]);
  });

  it('runs two includes side by side, each with its own role and variables', async () => {
    const project = await consumer(`
include:
  - local: /assume-role.yml
    inputs:
      role_arn: $DEPLOY_ROLE_ARN
  - local: /assume-role.yml
    inputs:
      role_arn: ${roles.build}
      job_name: assume build role
      env_prefix: BUILD_
      tags: [linux]
default:
  before_script: [exit 9]
  image: no/such:image
deploy:
  extends: .with-assume-role
  script: ['echo "deploy: $AWS_ASSUMED_ROLE_ARN, $BUILD_AWS_ASSUMED_ROLE_ARN."']
build:
  extends: .with-assume build role
  script: ['echo "build: $AWS_ASSUMED_ROLE_ARN, $BUILD_AWS_ASSUMED_ROLE_ARN."']
both:
  extends: .with-assume-role
  needs: [assume-role, assume build role]
  script: ['echo "both: $AWS_ASSUMED_ROLE_ARN, $BUILD_AWS_ASSUMED_ROLE_ARN."']
`);
    const { exitCode, log } = await runPipeline(project, options);
    const session = 'GitLabRunner-1217-1000';
    const deploy = `arn:aws:sts::111111111111:assumed-role/deploy/${session}`;
    const build = `arn:aws:sts::111111111111:assumed-role/build/${session}`;
    expect(log).toContain(`deploy: ${deploy}, .`);
    expect(log).toContain(`build: , ${build}.`);
    expect(log).toContain(`both: ${deploy}, ${build}.`);
    expect(exitCode).toBe(0);
  });
});

describe.each([
  ['bash', undefined],
  ['busybox sh', busyboxAsBash()],
])('a pipeline with credentials in the job itself, in %s', (_, shellDirectory) => {
  const options = shellDirectory === undefined ? {} : { shellDirectory };

  it('uses same-job, together with a before_script of its own, and keeps nothing', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'job-tmp-'));
    const project = await consumer(
      `
variables: { TMPDIR: ${temporary} }
include:
  - component: ${componentAddress}/same-job@1
    inputs: { role_arn: $DEPLOY_ROLE_ARN, region: eu-central-1 }
deploy:
  extends: .aws-credentials
  before_script:
    - !reference [.aws-credentials, before_script]
    - echo "my own"
  script: ['echo "I am $AWS_ASSUMED_ROLE_ARN in $AWS_REGION"']
later:
  stage: deploy
  script: ['echo "later has [$AWS_ACCESS_KEY_ID]"']
`,
    );
    const before = readdirSync(project.directory);
    const { exitCode, log } = await runPipeline(project, options);
    expect(exitCode).toBe(0);
    expect(log).toContain('my own');
    expect(log).toContain(
      'I am arn:aws:sts::111111111111:assumed-role/deploy/GitLabRunner-1217-1000 in eu-central-1',
    );
    expect(log).toContain('later has []');
    expect(log).not.toMatch(/eyJ|IQoJ/);
    expect(readdirSync(project.directory).filter((name) => !before.includes(name))).toEqual([
      '.gitlab-ci-local',
    ]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('uses web-identity', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'job-tmp-'));
    const project = await consumer(
      `
variables: { TMPDIR: ${temporary} }
include:
  - component: ${componentAddress}/web-identity@1
    inputs: { role_arn: $DEPLOY_ROLE_ARN, region: eu-central-1 }
deploy:
  extends: .aws-web-identity
  script:
    - echo "I will be $AWS_ROLE_ARN in $AWS_REGION"
    - test -s "$AWS_WEB_IDENTITY_TOKEN_FILE"
`,
    );
    const before = readdirSync(project.directory);
    const { exitCode, log } = await runPipeline(project, options);
    expect(exitCode).toBe(0);
    expect(log).toContain(`I will be ${roles.deploy} in eu-central-1`);
    expect(log).not.toContain('eyJ');
    expect(readdirSync(project.directory).filter((name) => !before.includes(name))).toEqual([
      '.gitlab-ci-local',
    ]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('a pipeline of a team', () => {
  it('reports an empty role as a variable that may be protected', async () => {
    const { exitCode, log } = await runPipeline(await consumer(quickStart, {}, { DEPLOY_ROLE_ARN: '' }));
    expect(exitCode).toBe(1);
    expect(log).toContain('"role_arn" must not be empty');
    expect(log).toContain('it may be protected and this ref is not');
  });

  it('may keep its own before_script with the guard before it', async () => {
    const project = await consumer(`${quickStart}
  before_script:
    - !reference [.with-assume-role, before_script]
    - echo "my own"
`);
    const { exitCode, log } = await runPipeline(project);
    expect(exitCode).toBe(0);
    expect(log).toContain('my own');
  });

  it('may pass the prefix on to its tools', async () => {
    const project = await consumer(`
include:
  - component: ${componentAddress}/assume-role@1
    inputs:
      role_arn: $DEPLOY_ROLE_ARN
      env_prefix: PROD_
deploy:
  extends: .with-assume-role
  script: ['echo "prod is $PROD_AWS_ACCOUNT_ID, other is $AWS_ACCOUNT_ID."']
`);
    const { exitCode, log } = await runPipeline(project);
    expect(exitCode).toBe(0);
    expect(log).toContain('prod is 111111111111, other is .');
  });

  it.each([
    [
      'a role that leaves its quotes',
      'role_arn: "x\'\\n  script: [echo evil]"',
      'does not match required regex',
    ],
    ['no role', 'region: eu-central-1', 'required value has not been provided'],
    [
      'access for somebody else',
      'role_arn: x\n      artifact_access: everybody',
      'not in the list of allowed options',
    ],
  ])('is refused before it runs, with %s', async (_, input, message) => {
    const project = await consumer(`
include:
  - component: ${componentAddress}/assume-role@1
    inputs:
      ${input}
`);
    const { exitCode, log } = await runPipeline(project);
    expect(exitCode).toBe(1);
    expect(log).toContain(message);
    expect(existsSync(join(project.directory, '.gitlab-ci-local/output'))).toBe(false);
  });
});
