import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../sandbox/faults.ts';
import { externalId, roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { type JobResult, type RunOptions, runInRunner } from './rig.ts';
import { key, runnerShells, secret } from './runner-shells.ts';

const address = (name: string) => `$CI_SERVER_FQDN/aws-oidc/aws-oidc/${name}@1.0.0`;

const include = (component: string, inputs: Readonly<Record<string, unknown>> = {}) =>
  `include: ${JSON.stringify([{ component: address(component), inputs: { role_arn: roles.deploy, region: 'eu-central-1', ...inputs } }])}\n`;

/** A script that prints every second: a runner learns that a job is canceled only when it sends a part of the log. */
const busy = 'while :; do echo busy; sleep 1; done';

const assumeRole = `${include('assume-role')}
deploy:
  stage: deploy
  extends: .with-assume-role
  script: ['echo "I am $AWS_ASSUMED_ROLE_ARN in $AWS_REGION"']
  after_script: ['echo "still $AWS_ASSUMED_ROLE_ARN"']
`;

const busyConsumer = assumeRole.replace(/script: \['echo "I am.*/, `script: ['${busy}']`);

const sameJob = (script: string, inputs = {}) =>
  `${include('same-job', inputs)}deploy: { extends: .aws-credentials, script: ['${script}'] }\n`;

const webIdentity = (script: string) =>
  `${include('web-identity', { profile: 'ci' })}deploy: { extends: .aws-web-identity, script: ['${script}'] }\n`;

const outcome = ({ state, exit_code, left }: JobResult) => ({ state, exit_code, left });

const isSuccess = { state: 'success', exit_code: 0, left: [] };

describe.concurrent.each(runnerShells)('in the runner with %s', (_, shell) => {
  const sandboxes: Sandbox[] = [];
  afterAll(() => Promise.all(sandboxes.map((sandbox) => sandbox.stop())));

  async function run(pipeline: string, { fault, ...options }: Partial<RunOptions> & { fault?: Fault } = {}) {
    const sandbox = await startSandbox({ instance: 'https://gitlab.com' });
    sandboxes.push(sandbox);
    if (fault) sandbox.sts.faults.plan(fault, 1000);
    return runInRunner(pipeline, { sandbox, shell, ...options });
  }

  it('assume-role hands credentials to the next job, and to its after_script', async ({ expect }) => {
    const { 'assume-role': job, deploy } = await run(assumeRole);
    expect([job, deploy].map((result) => outcome(result as JobResult))).toEqual([isSuccess, isSuccess]);
    const session = 'arn:aws:sts::111111111111:assumed-role/deploy/GitLabRunner-20-4242';
    expect(deploy?.trace).toContain(`I am ${session} in eu-central-1`);
    expect(deploy?.trace).toContain(`still ${session}`);
    expect(job?.dotenv).toMatchObject({ AWS_ASSUMED_ROLE_ARN: session, AWS_ACCOUNT_ID: '111111111111' });
    expect(job?.annotations).toHaveProperty(['AWS role', 0, 'external_link', 'url']);
    expect(`${job?.trace}${deploy?.trace}`).not.toMatch(secret);
  });

  it('same-job passes claims to a chained role', async ({ expect }) => {
    const sandbox = await startSandbox({ instance: 'https://gitlab.com' });
    sandboxes.push(sandbox);
    const inputs = {
      role_chain: [roles.production],
      external_id: externalId,
      session_tags: ['ref', 'job_id'],
      transitive_tags: true,
      source_identity: 'user_login',
    };
    const { deploy } = await runInRunner(sameJob('true', inputs), { sandbox, shell });
    expect(outcome(deploy as JobResult)).toEqual(isSuccess);
    expect(sandbox.sts.keys.issued.at(-1)?.chained).toEqual({
      tags: new Map([
        ['ref', 'main'],
        ['job_id', '302'],
      ]),
      transitiveKeys: ['ref', 'job_id'],
      sourceIdentity: 'sample-user',
    });
  });

  it('same-job and web-identity have the job’s shell ready, and leave nothing', async ({ expect }) => {
    const both = await Promise.all([
      run(sameJob('echo "I am $AWS_ASSUMED_ROLE_ARN"')),
      run(
        sameJob('echo "I have $AWS_PROFILE in $AWS_SHARED_CREDENTIALS_FILE"', {
          role_arn: '',
          role_arns: [`one=${roles.deploy}`, `two=${roles.build}`],
        }),
      ),
      run(webIdentity('echo "I will be $AWS_ROLE_ARN with $(wc -c < "$AWS_WEB_IDENTITY_TOKEN_FILE")"')),
    ]);
    for (const { deploy } of both) {
      expect(outcome(deploy as JobResult)).toEqual(isSuccess);
      expect(deploy?.trace).toMatch(
        /I am arn:aws:sts::111111111111:assumed-role|I have one in \/|I will be arn:aws:iam::111111111111:role\/deploy with \d{3,}/,
      );
      expect(deploy?.trace).not.toMatch(secret);
    }
  });

  it('a refusal ends the job with 1 and says why, also on the job page', async ({ expect }) => {
    const { 'assume-role': job, deploy } = await run(assumeRole, { tokenRef: 'feature' });
    expect(outcome(job as JobResult)).toEqual({ state: 'failed', exit_code: 1, left: [] });
    expect(job?.trace).toContain(
      'A policy for another branch, such as the default one, does not match this ref.',
    );
    expect(job?.dotenv).toBeNull();
    expect(job?.annotations).toHaveProperty(
      ['AWS role', 0, 'external_link', 'label'],
      'refused: A policy for another branch, such as the default one, does not match this ref.',
    );
    expect(job?.trace).not.toContain('annotations.json: no matching files');
    expect(deploy?.state).toBe('skipped');
  });

  it('invalid input ends the job with 2', async ({ expect }) => {
    const results = await Promise.all([
      run(assumeRole.replaceAll(roles.deploy, '$DEPLOY_ROLE_ARN')),
      run(sameJob('echo went on').replaceAll(roles.deploy, '$DEPLOY_ROLE_ARN')),
      run(webIdentity('echo went on').replaceAll(roles.deploy, '$DEPLOY_ROLE_ARN')),
    ]);
    for (const jobs of results) {
      const [job] = Object.values(jobs);
      expect(outcome(job as JobResult)).toEqual({ state: 'failed', exit_code: 2, left: [] });
      expect(job?.trace).not.toMatch(/^went on/m);
    }
  });

  it('a variable with the name of a component variable is reported as the cause', async ({ expect }) => {
    const { 'assume-role': job } = await run(assumeRole.replaceAll(roles.deploy, '$AWS_OIDC_ROLE_ARN'));
    expect(job?.trace).toContain('rename your variable to one that does not start with AWS_OIDC_');
  });

  it('an STS that throttles ends the job with 75', async ({ expect }) => {
    const fault: Fault = { kind: 'error', error: 'throttling', retryAfter: '3600' };
    const [{ 'assume-role': job }, { deploy }] = await Promise.all([
      run(assumeRole, { fault }),
      run(sameJob('echo went on'), { fault }),
    ]);
    for (const result of [job, deploy])
      expect(outcome(result as JobResult)).toEqual({ state: 'failed', exit_code: 75, left: [] });
  });

  it.each([
    ['cancelled', ['--cancel-after', '1'], 'job_canceled'],
    ['timed out', ['--timeout', '3'], 'job_execution_timeout'],
  ])(
    'a job that is %s during the exchange or its script leaves nothing and shows nothing',
    async (_case, args, reason) => {
      const fault: Fault = { kind: 'status', status: 500 };
      const results = await Promise.all([
        run(assumeRole, { args, fault }),
        run(sameJob('echo went on'), { args, fault }),
        run(sameJob(busy, { role_arn: '', role_arns: [`one=${roles.deploy}`] }), { args }),
        run(webIdentity(busy), { args }),
      ]);
      for (const jobs of results) {
        const [job] = Object.values(jobs);
        expect(job).toMatchObject({ state: 'failed', failure_reason: reason, left: [] });
        expect(job?.trace).not.toMatch(secret);
      }
      // enough time for the first job to end, even on a busy machine
      const { 'assume-role': first, deploy } = await run(busyConsumer, { args: [args[0] ?? '', '30'] });
      expect(first?.state).toBe('success');
      expect(deploy).toMatchObject({ state: 'failed', failure_reason: reason, left: [] });
      expect(deploy?.trace).not.toMatch(secret);
    },
  );

  it('CI_DEBUG_TRACE shows no key in the job that obtains them', async ({ expect }) => {
    const variables = { CI_DEBUG_TRACE: 'true' };
    const [{ 'assume-role': job }, { deploy }] = await Promise.all([
      run(assumeRole, { variables, args: ['--only', 'assume-role'] }),
      run(sameJob('echo "I am $AWS_ASSUMED_ROLE_ARN"'), { variables }),
    ]);
    expect([job, deploy].map((result) => outcome(result as JobResult))).toEqual([isSuccess, isSuccess]);
    // the runner prints all variables, and masks the token itself
    for (const result of [job, deploy]) expect(result?.trace).not.toMatch(key);
  });

  it('a static key in the settings is not used with the session token of the role', async ({ expect }) => {
    const { deploy } = await run(assumeRole, { variables: { AWS_ACCESS_KEY_ID: 'AKIASTATIC' } });
    expect(outcome(deploy as JobResult)).toEqual({ state: 'failed', exit_code: 1, left: [] });
    expect(deploy?.trace).toContain(
      'variables of the project, its groups, the instance, the pipeline or a manual run override',
    );
  });
});

describe('the component diagnose', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.stop());

  it.each(runnerShells)('waits until it is started, and reports what it finds, in %s', async (_, shell) => {
    const pipeline = `${include('diagnose', { audience: sandbox.issuer.name })}test: { script: [echo tested] }\n`;
    const untouched = await runInRunner(pipeline, { sandbox, shell, args: ['--ref', 'branch:main'] });
    expect(Object.keys(untouched)).toEqual(['test']);
    const { diagnose } = await runInRunner(pipeline, {
      sandbox,
      shell,
      tokenRef: 'feature',
      args: ['--only', 'diagnose'],
    });
    expect(diagnose?.trace).toMatch(
      /✔ ID token: GITLAB_OIDC_TOKEN is for branch "feature" of the project acme\/shop/,
    );
    expect(diagnose?.trace).toContain(
      '✘ cause: A policy for another branch, such as the default one, does not match this ref.',
    );
    expect(outcome(diagnose as JobResult)).toEqual({ state: 'failed', exit_code: 1, left: [] });
    expect(diagnose?.trace).not.toMatch(secret);
  });
});
