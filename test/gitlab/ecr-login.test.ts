import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { makeImageLayout } from '../support/image-layout.ts';
import { registryHost } from '../support/registry.ts';
import { root } from '../support/run-program.ts';
import { useRegistry } from '../support/use-registry.ts';
import { pullInRunner } from './docker-executor.ts';
import { type Expanded, expand, type JobResult, runInRunner } from './rig.ts';
import { runnerShells } from './runner-shells.ts';

const at = useRegistry();

const component = (inputs: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify([
    {
      component: '$CI_SERVER_FQDN/aws-oidc/aws-oidc/ecr-login@1.0.0',
      inputs: { role_arn: roles.deploy, region: 'eu-central-1', ...inputs },
    },
  ]);

/** A job that pushes and pulls with skopeo, after the login. */
const pipeline = (inputs: Readonly<Record<string, unknown>> = {}) => `include: ${component(inputs)}
push:
  extends: .with-ecr-login
  variables: ${JSON.stringify({ HTTPS_PROXY: at.registry.env.HTTPS_PROXY, SSL_CERT_FILE: at.registry.env.SSL_CERT_FILE })}
  script:
    - skopeo copy oci:${makeImageLayout()}:1 docker://${registryHost}/shop/app:1
    - skopeo inspect docker://${registryHost}/shop/app:1
    - ls -l "$DOCKER_CONFIG" "$REGISTRY_AUTH_FILE"
`;

async function run(text: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  return await runInRunner(text, {
    sandbox: at.sandbox,
    args,
    variables: { AWS_ENDPOINT_URL: at.ecr.url, ...variables },
  });
}

describe('ecr-login in GitLab', () => {
  it('runs on the default branch, and hands on a report that nobody can download', async () => {
    const { one } = await expand({ one: pipeline() }, { ref: 'branch:main' });
    const { valid, errors, warnings, jobs } = one as Expanded;
    expect({ valid, errors, warnings }).toEqual({ valid: true, errors: [], warnings: [] });
    const login = jobs.find(({ name }) => name === 'ecr-login');
    expect(login?.included).toBe(true);
    expect(login?.options.artifacts).toMatchObject({
      access: 'none',
      reports: { dotenv: ['aws-oidc.$CI_JOB_NAME_SLUG.env'] },
    });
    expect(login?.job_variables).toContainEqual(
      expect.objectContaining({
        key: 'AWS_OIDC_ECR_REGISTRIES',
        value: expect.stringContaining('["default"]'),
      }),
    );
  });

  it.each(runnerShells)('pushes an image, %s', async (_, shell) => {
    const jobs = await run(pipeline(), shell);
    const [login, push] = [jobs['ecr-login'], jobs.push] as [JobResult, JobResult];
    expect(login.trace).toContain(`Logged in to ${registryHost} until`);
    expect(push.trace).toContain(`"Name": "${registryHost}/shop/app"`);
    expect(push.trace).toMatch(/-rw------- .*config\.json/);
    expect([login.state, push.state]).toEqual(['success', 'success']);
    for (const { trace, left } of [login, push]) {
      expect(trace).not.toContain(
        JSON.parse(login.dotenv?.DOCKER_AUTH_CONFIG ?? '').auths[registryHost].auth,
      );
      expect(left).toEqual([]);
    }
    expect(Object.keys(login.dotenv ?? {})).not.toContain('AWS_ACCESS_KEY_ID');
  });

  it.each([
    ['same-job', '.aws-credentials', { role_arns: [`one=${roles.deploy}`, `two=${roles.build}`] }],
    ['web-identity', '.aws-web-identity', { role_arn: roles.deploy }],
  ])('leaves no file behind in a job that uses %s, too', async (name, hidden, inputs) => {
    const other = {
      component: `$CI_SERVER_FQDN/aws-oidc/aws-oidc/${name}@1.0.0`,
      inputs: { region: 'eu-central-1', ...inputs },
    };
    const job = (first: string, second: string) => `
  extends: [${hidden}, .with-ecr-login]
  before_script:
    - !reference [${first}, before_script]
    - !reference [${second}, before_script]
  script: ['ls "$DOCKER_CONFIG/config.json"']
`;
    const includes = JSON.stringify([...JSON.parse(component()), other]);
    const text = `include: ${includes}\nbefore:${job('.with-ecr-login', hidden)}after:${job(hidden, '.with-ecr-login')}`;
    const { before, after } = await run(text, []);
    for (const result of [before, after]) {
      expect(result?.trace).toContain('/config.json');
      expect(result?.state).toBe('success');
      expect(result?.left).toEqual([]);
    }
  });

  it.each([
    ['another registry', 'registry.example.com'],
    ['the same registry', registryHost],
  ])('says in both jobs that a project variable with %s overrides the report', async (_, host) => {
    const { 'ecr-login': login, push } = await run(pipeline(), [], {
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [host]: { auth: 'b2xkOmNhbmFyeQ==' } } }),
    });
    expect(login?.trace).toContain('! DOCKER_AUTH_CONFIG is already set.');
    expect(push?.trace).toContain(
      'another variable DOCKER_AUTH_CONFIG overrides the one from the job "ecr-login"',
    );
    expect(push?.state).toBe('failed');
  });

  it('adds to a variable with another name, which overrides nothing', async () => {
    const { 'ecr-login': login, push } = await run(pipeline({ auth_config: '$REGISTRY_AUTH' }), [], {
      REGISTRY_AUTH: '{"auths":{"registry.example.com":{"auth":"b2xkOmNhbmFyeQ=="}}}',
    });
    const { auths } = JSON.parse(login?.dotenv?.DOCKER_AUTH_CONFIG ?? '{}');
    expect(Object.keys(auths)).toEqual(['registry.example.com', registryHost]);
    expect(push?.state).toBe('success');
  });

  it('fails early if the job before handed on nothing', async () => {
    const { push } = await run(`${pipeline()}  dependencies: []\n`, []);
    expect(push?.trace).toContain('no registry tokens came from the job "ecr-login"');
    expect(push?.state).toBe('failed');
  });

  it('fails early if the tokens have expired', async () => {
    const { push } = await run(pipeline(), [], { AWS_OIDC_DOCKER_EXPIRATION: '2020-01-31T23:59:00Z' });
    expect(push?.trace).toContain('the registry tokens expired at 2020-01-31T23:59:00Z');
    expect(push?.state).toBe('failed');
  });
});

describe('the image of a later job', () => {
  const image = `${registryHost}/shop/app:1`;

  it('is pulled by the runner with the variable from the report, and only with it', async () => {
    const { 'ecr-login': login } = await run(pipeline(), []);
    const { pulls, trace } = await pullInRunner(image, login?.dotenv ?? {}, at.registry.env);
    expect(trace).toContain('Authenticating with credentials from $DOCKER_AUTH_CONFIG');
    expect(pulls[0]).toEqual({ image, outcome: 'pulled' });
    expect(trace).toContain(`for ${image}`);

    const without = await pullInRunner(image, {}, at.registry.env);
    expect(without.pulls[0]).toEqual({ image, outcome: 'denied' });
    expect(without.trace).toContain('pull access denied');
  });

  it('of the example is built, pushed and pulled', async () => {
    const text = readFileSync(join(root, 'examples/container-image.gitlab-ci.yml'), 'utf8');
    const source = mkdtempSync(join(tmpdir(), 'source-'));
    writeFileSync(join(source, 'Containerfile'), 'FROM scratch\nCOPY hello /hello\n');
    writeFileSync(join(source, 'hello'), 'hello\n');
    writeFileSync(join(source, 'run-tests'), '#!/bin/sh\necho tested\n', { mode: 0o755 });
    const { HTTPS_PROXY = '', SSL_CERT_FILE = '' } = at.registry.env;
    const jobs = await run(text, ['--source', source], { HTTPS_PROXY, SSL_CERT_FILE });
    expect(Object.values(jobs).map(({ name, state }) => [name, state])).toEqual([
      ['ecr-login', 'success'],
      ['build', 'success'],
      ['test', 'success'],
    ]);
    const image = `${registryHost}/shop/app:aaaaaaaa`;
    const { pulls } = await pullInRunner(image, jobs['ecr-login']?.dotenv ?? {}, at.registry.env);
    expect(pulls[0]).toEqual({ image, outcome: 'pulled' });
  });
});

/** A job that logs in by itself. */
const ownLogin = (inputs: Readonly<Record<string, unknown>> = {}) => `include: ${JSON.stringify([
  {
    component: '$CI_SERVER_FQDN/aws-oidc/aws-oidc/same-job@1.0.0',
    inputs: { role_arn: roles.deploy, region: 'eu-central-1', ecr_registries: ['default'], ...inputs },
  },
])}
push:
  extends: .aws-credentials
  variables: ${JSON.stringify({ HTTPS_PROXY: at.registry.env.HTTPS_PROXY, SSL_CERT_FILE: at.registry.env.SSL_CERT_FILE })}
  script:
    - skopeo copy oci:${makeImageLayout()}:1 docker://${registryHost}/shop/own:1
    - 'echo "as \${AWS_ASSUMED_ROLE_ARN} with \${AWS_ACCESS_KEY_ID:+keys}\${AWS_CONTAINER_CREDENTIALS_FULL_URI:+an endpoint}"'
    - ls -l "$DOCKER_CONFIG/config.json" "$REGISTRY_AUTH_FILE"
`;

describe('same-job with registries', () => {
  it.each(runnerShells)('pushes an image, and leaves nothing, %s', async (_, shell) => {
    const { push } = (await run(ownLogin(), shell)) as { push: JobResult };
    expect(push.trace).toContain(`Logged in to ${registryHost} until`);
    expect(push.trace).toMatch(/-rw------- .*config\.json/);
    expect(push.trace).toMatch(/as arn:aws:sts::111111111111:assumed-role\/deploy\/\S+ with keys$/m);
    expect(push).toMatchObject({ state: 'success', left: [] });
  });

  it('logs in as well if the session is kept alive', async () => {
    const { push } = (await run(ownLogin({ keep_alive: true }), [])) as { push: JobResult };
    expect(push.trace).toContain(`Logged in to ${registryHost} until`);
    expect(push.trace).toMatch(/as arn:aws:sts::111111111111:assumed-role\/deploy\/\S+ with an endpoint$/m);
    expect(push).toMatchObject({ state: 'success', left: [] });
  });

  it.each([
    [{ role_arn: '', role_arns: [`a=${roles.deploy}`] }, '"role_arns" must be empty with ecr_registries'],
    [{ ecr_registries: ['docker.io'] }, '"ecr_registries[0]" must be the host of an Amazon ECR registry'],
  ])('refuses %j', async (inputs, message) => {
    const { push } = (await run(ownLogin(inputs), [])) as { push: JobResult };
    expect(push.trace).toContain(message);
    expect(push).toMatchObject({ state: 'failed', exit_code: 2, left: [] });
  });

  it('can be extended with any number of registries', async () => {
    const registries = Array.from(
      { length: 12 },
      (_, index) => `${String(index).repeat(12).slice(0, 12)}.dkr.ecr.eu-central-1.amazonaws.com`,
    );
    const { one } = await expand({ one: ownLogin({ ecr_registries: registries }) });
    expect(one?.errors).toEqual([]);
    const script = one?.jobs[0]?.options.before_script?.join('\n') ?? '';
    expect(script).toContain('same-job.mjs');
    expect(script).not.toContain('assume-role.mjs');
  });
});
