import { describe, expect, it, vi } from 'vitest';
import { externalId, roles } from '../../../sandbox/sandbox.ts';
import { assumeRoleCommand } from '../../../src/commands/session/assume-role.ts';
import { dotenvOf, limits, useSandbox } from '../../support/command-run.ts';

const job = useSandbox();

describe('assume-role without errors', () => {
  it('writes the credentials with a single request', async () => {
    const { io, exitCode, actions, log } = await job.run(
      { region: 'eu-central-1' },
      { CI_PROJECT_ID: '20', CI_PIPELINE_ID: '574' },
    );
    expect(exitCode).toBe(0);
    expect(actions).toEqual(['AssumeRoleWithWebIdentity']);
    expect(io.files()).toEqual(['annotations.json', 'aws-oidc.env']);
    const arn = 'arn:aws:sts::111111111111:assumed-role/deploy/GitLabRunner-20-574';
    expect(dotenvOf(io)).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      AWS_REGION: 'eu-central-1',
      AWS_ACCOUNT_ID: '111111111111',
      AWS_ASSUMED_ROLE_ARN: arn,
    });
    expect(log).toContain(`✔ ${arn} until `);
    expect(log).toContain('project_path:acme/shop:ref_type:branch:ref:main');
  });

  it('prints no part of the token or of a key', async () => {
    const { io, log } = await job.run();
    const dotenv = dotenvOf(io);
    for (const secret of [...job.token.split('.'), dotenv.AWS_SECRET_ACCESS_KEY, dotenv.AWS_SESSION_TOKEN]) {
      expect(log).not.toContain(secret);
    }
  });

  it('assumes a chain of roles and hands on the last session', async () => {
    const { io, exitCode, actions } = await job.run({
      role_chain: JSON.stringify([roles.production]),
      external_id: externalId,
      allowed_account_ids: '["111111111111","222222222222"]',
    });
    expect(exitCode).toBe(0);
    expect(actions).toEqual(['AssumeRoleWithWebIdentity', 'AssumeRole']);
    expect(dotenvOf(io)).toMatchObject({
      AWS_ACCOUNT_ID: '222222222222',
      AWS_ASSUMED_ROLE_ARN: 'arn:aws:sts::222222222222:assumed-role/production/GitLabRunner',
    });
  });

  const chain = { role_chain: JSON.stringify([roles.production]), external_id: externalId };

  it('passes claims as session tags, and one as the source identity', async () => {
    const inputs = { ...chain, transitive_tags: 'true', source_identity: 'user_login' };
    const { exitCode, log } = await job.run(inputs);
    expect(exitCode).toBe(0);
    expect(job.sandbox.sts.keys.issued.at(-1)?.chained).toEqual({
      tags: new Map([
        ['project_path', 'acme/shop'],
        ['ref', 'main'],
        ['pipeline_id', '574'],
        ['job_id', '302'],
        ['user_login', 'sample-user'],
      ]),
      transitiveKeys: ['project_path', 'ref', 'pipeline_id', 'job_id', 'user_login'],
      sourceIdentity: 'sample-user',
    });
    expect(log).toMatch(/Tags +project_path, ref, pipeline_id, job_id, user_login\n/);
    // personal values are in AWS's logs, not in the job's
    expect(log).not.toContain('sample-user');
  });

  it('warns if a claim was changed', async () => {
    const inputs = { ...chain, session_tags: '["sub","iss"]', source_identity: 'sub' };
    const { log } = await job.run(inputs);
    expect(log.match(/! .*/g)).toEqual(['! The claim "sub" was changed or cut to what STS accepts.']);
    expect(job.sandbox.sts.keys.issued.at(-1)?.chained.sourceIdentity).toMatch(/^project_path-acme-shop-/);
  });

  it('assumes three roles with transitive tags, without sending one twice', async () => {
    const third = 'arn:aws:iam::222222222222:role/third';
    const actions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
    job.sandbox.sts.iam.addRole({ arn: third, principals: [roles.production], actions });
    const role_chain = JSON.stringify([roles.production, third]);
    for (const transitive_tags of ['true', 'false']) {
      const { exitCode, log } = await job.run({
        ...chain,
        role_chain,
        transitive_tags,
        source_identity: 'iss',
      });
      expect(exitCode, log).toBe(0);
      expect(job.sandbox.sts.keys.issued.at(-1)?.chained).toMatchObject({
        tags: expect.objectContaining({ size: 5 }),
        sourceIdentity: expect.stringMatching(/^http/),
      });
    }
  });

  it('warns if a session name was changed', async () => {
    const { io, log } = await job.run({ session_name: 'feature/login' });
    expect(log).toContain('! The session name "feature/login" was changed to "feature-login".');
    expect(dotenvOf(io).AWS_ASSUMED_ROLE_ARN).toMatch(/\/feature-login$/);
  });

  it.each([
    [
      'the token is for another audience',
      { audience: 'https://gitlab.com' },
      {},
      /! The audience of the token is "http.*", not "https:\/\/gitlab\.com"/,
    ],
    ['GitLab will print the variables', {}, { CI_DEBUG_TRACE: 'true' }, /! CI_DEBUG_TRACE is on/],
  ])('warns if %s', async (_, inputs, env, notice) => {
    const { log, exitCode } = await job.run(inputs, env);
    expect(exitCode).toBe(0);
    expect(log).toMatch(notice);
  });

  it('warns if the token crosses a network without TLS', async () => {
    const { log } = await job.run(
      {},
      { AWS_ENDPOINT_URL_STS: job.sandbox.sts.url.replace('127.0.0.1', '0.0.0.0') },
    );
    expect(log).toMatch(/! The connection to 0\.0\.0\.0:\d+ does not use TLS/);
  });

  it.each([
    ['a name that begins like an address of this machine', 'http://127.evil.invalid', {}],
    ['a proxy in between', 'http://127.0.0.1:9', { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' }],
  ])('also warns with %s', async (_, endpoint, env) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const { log } = await job.run({}, { AWS_ENDPOINT_URL_STS: endpoint, ...env });
    vi.unstubAllEnvs();
    expect(log).toMatch(/! The connection to 127\.\S+ does not use TLS/);
  });

  it('replaces the file of an earlier run, and removes it if this run fails', async () => {
    const { io } = await job.run();
    const first = dotenvOf(io).AWS_ACCESS_KEY_ID;
    await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy } }, limits);
    expect(dotenvOf(io).AWS_ACCESS_KEY_ID).not.toBe(first);
    await assumeRoleCommand(io, { inputs: { role_arn: 'nonsense' } }, limits);
    expect(io.files()).toEqual(['annotations.json']);
  });
});

describe('wrong input', () => {
  it('is reported together, and nothing is sent', async () => {
    const { io, exitCode, requests, log } = await job.run(
      { role_arn: 'deploy', duration: '1' },
      { GITLAB_OIDC_TOKEN: '' },
    );
    expect({ exitCode, requests, files: io.files() }).toEqual({
      exitCode: 2,
      requests: 0,
      files: ['annotations.json'],
    });
    expect(log).toContain('✘ 3 invalid inputs. Nothing was sent.');
    expect(log).toContain('  "role_arn" must be arn:PARTITION:iam::ACCOUNT:role/NAME\n    found: deploy\n');
    expect(log).toContain('  "GITLAB_OIDC_TOKEN" must not be empty\n');
  });

  it('the token is never sent for an account that is not allowed', async () => {
    const { exitCode, requests, log } = await job.run({ allowed_account_ids: '["222222222222"]' });
    expect({ exitCode, requests }).toEqual({ exitCode: 2, requests: 0 });
    expect(log).toContain('111111111111 is not one of 222222222222');
  });

  it('a CA bundle that cannot be read is reported', async () => {
    const { exitCode, log } = await job.run({}, { AWS_CA_BUNDLE: '/no/such/file' });
    expect(exitCode).toBe(2);
    expect(log).toContain(
      '"AWS_CA_BUNDLE" must be a readable file of certificates (PEM)\n    found: /no/such/file',
    );
  });
});
