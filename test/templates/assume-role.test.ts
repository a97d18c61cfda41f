import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { readTemplate } from '../support/configuration.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';

const template = readTemplate('assume-role');
const configure = (inputs: Record<string, unknown> = {}) =>
  template.configure({ role_arn: roles.deploy, ...inputs });

describe('the inputs', () => {
  const fixed: Record<string, unknown> = {
    role_arn: undefined,
    audience: '$CI_SERVER_URL',
    duration: 3600,
    region: '',
    session_name: 'GitLabRunner-$CI_PROJECT_ID-$CI_PIPELINE_ID',
    job_name: 'assume-role',
    stage: '.pre',
    image: 'node:24-alpine',
    tags: [],
    policy: '',
    policy_arns: [],
    allowed_account_ids: [],
    role_chain: [],
    external_id: '',
    session_tags: ['project_path', 'ref', 'pipeline_id', 'job_id', 'user_login', 'environment'],
    transitive_tags: false,
    source_identity: '',
    env_prefix: '',
    artifact_access: 'none',
    expire_in: '1 hour',
    rules: [{ if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' }],
  };

  it('have stable names and defaults', () => {
    const defaults = Object.entries(template.inputs).map(([name, spec]) => [name, spec.default]);
    expect(Object.fromEntries(defaults)).toEqual(fixed);
  });

  it.each([
    [['a"b', "a'b", 'a: b', '- a', '# a', 'a\nb', '$[[ inputs.policy ]]', '{{', '!reference [x]']],
    [[]],
    [['arn:aws:iam::aws:policy/ReadOnlyAccess']],
  ])('a list of %j is passed on as the same JSON', (list) => {
    const job = configure({
      policy_arns: list,
      role_chain: list,
      allowed_account_ids: list,
      session_tags: list,
    })['assume-role'];
    for (const name of ['POLICY_ARNS', 'ROLE_CHAIN', 'ALLOWED_ACCOUNT_IDS', 'SESSION_TAGS']) {
      expect(JSON.parse(job?.variables?.[`AWS_OIDC_${name}`] ?? '')).toEqual(list);
    }
  });

  it('a policy is passed on character by character', () => {
    const policy =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]} # "x": \\';
    expect(configure({ policy })['assume-role']?.variables?.AWS_OIDC_POLICY).toBe(policy);
  });

  it.each([['.hidden'], ['a/b'], ['$X'], ['*'], ['a"b'], ['']])('refuses the job name "%s"', (name) => {
    expect(() => configure({ job_name: name })).toThrow('job_name does not match');
  });

  it.each([['1X'], ['A-B'], ['A B'], ['$(x)']])('refuses the prefix "%s"', (prefix) => {
    expect(() => configure({ env_prefix: prefix })).toThrow('env_prefix does not match');
  });
});

describe('the job', () => {
  it('declares the token for the audience, keeps the report to the pipeline, and fetches no code', () => {
    const job = configure({ audience: 'https://aws.example.com' })['assume-role'];
    expect(job).toMatchObject({
      id_tokens: { GITLAB_OIDC_TOKEN: { aud: 'https://aws.example.com' } },
      artifacts: { access: 'none', expire_in: '1 hour' },
      retry: { max: 2, exit_codes: [75] },
      variables: { GIT_STRATEGY: 'none' },
    });
  });

  it('has the given tags, and no list of tags without any', () => {
    const tagsOf = (inputs: Record<string, unknown>) => {
      const jobs = configure(inputs);
      return jobs[String(jobs['assume-role']?.extends)]?.tags;
    };
    expect(tagsOf({ tags: ['linux', "o'neill"].slice(0, 1) })).toEqual(['linux']);
    expect(tagsOf({})).toBeUndefined();
  });

  it('runs by its rules, and so do jobs that extend the hidden job', () => {
    const rules = [{ if: '$CI_COMMIT_TAG' }, { if: '$DEPLOY', when: 'manual' }];
    const jobs = configure({ rules });
    expect([jobs['assume-role']?.rules, jobs['.with-assume-role']?.rules]).toEqual([rules, rules]);
  });

  it('does not change the order of stages for jobs that extend it', () => {
    expect(configure()['.with-assume-role']).not.toHaveProperty('needs');
  });
});

describe.each(shells)('the script of the job in %s', (_, shell, args) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.stop());

  async function runScript(options: { env?: Record<string, string>; prefix?: string } = {}) {
    const jobs = configure();
    const script = jobs['assume-role']?.script?.join('\n');
    const temporary = mkdtempSync(join(tmpdir(), 'job-tmp-'));
    const run = await runProgram(shell, [...args, `${options.prefix ?? ''}\n${script}\necho went on`], {
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      TMPDIR: temporary,
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      CI_JOB_NAME_SLUG: 'assume-role',
      ...jobs['assume-role']?.variables,
      AWS_OIDC_AUDIENCE: '',
      ...options.env,
    });
    return { ...run, leftInTemporary: readdirSync(temporary) };
  }

  it('unpacks the program, runs it, and leaves only the reports', async () => {
    const { exitCode, stdout, stderr, directory, leftInTemporary } = await runScript();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('went on');
    expect(readdirSync(directory).sort()).toEqual([
      'aws-oidc.assume-role.annotations.json',
      'aws-oidc.assume-role.env',
    ]);
    expect(leftInTemporary).toEqual([]);
  });

  it("ends with the program's own exit code, and leaves nothing", async () => {
    const { exitCode, stdout, directory, leftInTemporary } = await runScript({
      env: { AWS_OIDC_ROLE_ARN: '' },
    });
    expect(exitCode).toBe(2);
    expect(stdout).not.toContain('went on');
    expect(readdirSync(directory)).toEqual(['aws-oidc.assume-role.annotations.json']);
    expect(leftInTemporary).toEqual([]);
  });

  it('fails with a message if the image has no Node', async () => {
    const { exitCode, stderr } = await runScript({ prefix: 'command() { [ "$2" != node ]; }' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('aws-oidc: the image of this job has no Node.');
  });

  it('ignores project variables that would change the hand-off', async () => {
    const { exitCode, stdout, directory } = await runScript({
      env: {
        AWS_OIDC_OUTPUT_FORMAT: 'env',
        AWS_OIDC_OUTPUT: '-',
        AWS_OIDC_ROLE_ARNS: `["x=${roles.build}"]`,
        AWS_OIDC_PROFILES: '/tmp',
        AWS_OIDC_DOTENV: 'elsewhere',
        AWS_OIDC_ANNOTATIONS: 'elsewhere.json',
      },
    });
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/IQoJ|ASIA/);
    expect(readdirSync(directory).sort()).toEqual([
      'aws-oidc.assume-role.annotations.json',
      'aws-oidc.assume-role.env',
    ]);
  });

  it('leaves nothing if it is stopped during the exchange', async () => {
    const { exitCode, stdout, leftInTemporary } = await runScript({
      prefix: 'node() { kill -s TERM "$$"; sleep 1; }',
    });
    expect({ exitCode, leftInTemporary }).toEqual({ exitCode: 143, leftInTemporary: [] });
    expect(stdout).not.toContain('went on');
  });
});
