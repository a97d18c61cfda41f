import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account, roles } from '../../../sandbox/sandbox.ts';
import { run } from '../../../src/command-line/run.ts';
import { doctorCommand } from '../../../src/commands/doctor/doctor.ts';
import { makeCertificate, serveChain } from '../../support/certificates.ts';
import { limits, useSandbox } from '../../support/command-run.ts';
import { freePort } from '../../support/free-port.ts';
import { unsignedToken } from '../../support/token.ts';

const job = useSandbox();

interface Report {
  readonly checks: readonly {
    readonly id: string;
    readonly status: string;
    readonly detail: string;
    readonly remedy?: string;
  }[];
}

async function examine(env: Record<string, string | undefined> = {}) {
  const io = job.io({ AWS_OIDC_ROLE_ARN: roles.deploy, ...env });
  const exitCode = await doctorCommand(io, { inputs: {}, format: 'json' }, limits);
  const { checks } = JSON.parse(io.results()) as Report;
  const of = (status: string) => checks.filter((check) => check.status === status).map(({ id }) => id);
  const check = (id: string) => checks.find((one) => one.id === id);
  return { io, exitCode, checks, failed: of('failed'), unknown: of('unknown'), passed: of('passed'), check };
}

describe('doctor, on the sandbox', () => {
  it('passes every check except TLS of the issuer', async () => {
    const { exitCode, failed, unknown, passed, io } = await examine();
    expect({ exitCode, failed, unknown }).toEqual({ exitCode: 1, failed: ['issuer-https'], unknown: [] });
    expect(passed).toEqual([
      'token',
      'clock',
      'discovery',
      'discovery-issuer',
      'algorithm',
      'keys',
      'key-id',
      'signature',
      'server-clock',
      'role',
      'sts',
      'shadows',
      'exchange',
    ]);
    expect(io.files()).toEqual([]);
    expect(io.text()).not.toContain(job.token.split('.')[2]);
  });

  it('explains a rejected exchange', async () => {
    const token = await job.sandbox.issuer.mint({ job: { ref: 'feature' } });
    const { failed, check } = await examine({ GITLAB_OIDC_TOKEN: token, CI_DEFAULT_BRANCH: 'main' });
    expect(failed).toEqual([
      'issuer-https',
      'exchange',
      'cause-subject-ref',
      'cause-condition-not-mapped',
      'cause-role-missing',
    ]);
    expect(check('exchange')?.detail).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  });

  it.each<[string, Record<string, string | undefined>, readonly string[], RegExp]>([
    ['no token', { GITLAB_OIDC_TOKEN: '' }, ['token'], /GITLAB_OIDC_TOKEN is empty/],
    [
      'a token that is none',
      { GITLAB_OIDC_TOKEN: 'glcbt-64_x' },
      ['token'],
      /must be an ID token, not CI_JOB_TOKEN/,
    ],
    [
      'a role that is none',
      { AWS_OIDC_ROLE_ARN: 'deploy' },
      ['issuer-https', 'input'],
      /must be arn:PARTITION:iam/,
    ],
    [
      'a token whose issuer is no address',
      { GITLAB_OIDC_TOKEN: unsignedToken({ iss: 'x' }) },
      ['issuer-https', 'exchange', 'cause-provider-missing'],
      /x/,
    ],
    ['no role', { AWS_OIDC_ROLE_ARN: '' }, ['issuer-https', 'input'], /must not be empty/],
    [
      'an account that is not allowed',
      { AWS_OIDC_ALLOWED_ACCOUNT_IDS: '["222222222222"]' },
      ['issuer-https', 'input'],
      /must include the account of every role/,
    ],
    [
      'a static key',
      { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' },
      ['issuer-https', 'shadows'],
      /AWS_ACCESS_KEY_ID is set in this job/,
    ],
    [
      'a profile and a token file',
      { AWS_PROFILE: 'x', AWS_WEB_IDENTITY_TOKEN_FILE: '/x' },
      ['issuer-https', 'shadows'],
      /AWS_PROFILE is set/,
    ],
  ])('finds %s', async (_, env, expected, detail) => {
    const { exitCode, failed, checks } = await examine(env);
    expect({ exitCode, failed }).toEqual({ exitCode: 1, failed: expected });
    expect(checks.map((check) => check.detail).join('\n')).toMatch(detail);
    for (const check of checks.filter(({ status }) => status === 'failed'))
      expect(check.remedy).toMatch(/\S/);
  });

  it.each([
    ['AWS_WEB_IDENTITY_TOKEN_FILE', 'passed'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'passed'],
    ['AWS_PROFILE', 'failed'],
  ])('does not complain about what EKS sets in the pods of a runner: %s', async (name, expected) => {
    const { checks } = await examine({ [name]: '/x' });
    const { status, detail } = checks.find(({ id }) => id === 'shadows') ?? {};
    expect(status).toBe(expected);
    expect(detail).toContain(name);
  });

  it('finds an expired token, and sends nothing', async () => {
    const before = job.sandbox.sts.requests.length;
    const { failed, unknown } = await examine({
      GITLAB_OIDC_TOKEN: await job.sandbox.issuer.mint({ expiresInSeconds: -60 }),
    });
    expect(failed).toEqual(['token', 'issuer-https']);
    expect(unknown).toEqual(['sts', 'exchange']);
    expect(job.sandbox.sts.requests.length).toBe(before);
  });

  it("finds an issuer's clock that is ahead", async () => {
    const later = Math.floor(Date.now() / 1000) + 600;
    const token = await job.sandbox.issuer.mint({ claims: { nbf: later, iat: later, exp: later + 600 } });
    const { check } = await examine({ GITLAB_OIDC_TOKEN: token });
    expect(check('clock')).toMatchObject({ status: 'failed', remedy: expect.stringContaining('NTP') });
  });

  it('finds an STS that cannot be reached', async () => {
    const { check } = await examine({ AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${await freePort()}` });
    expect(check('sts')).toMatchObject({ status: 'failed', detail: expect.stringContaining('ECONNREFUSED') });
    expect(check('exchange')?.status).toBe('failed');
  });

  it('finds a changed token', async () => {
    const [header, payload, signature = ''] = job.token.split('.');
    const { failed } = await examine({
      GITLAB_OIDC_TOKEN: [header, payload, signature.split('').reverse().join('')].join('.'),
    });
    expect(failed).toEqual(['issuer-https', 'signature', 'exchange', 'cause-signature']);
  });

  it('prints the results as text, with the limits of the checks', async () => {
    const io = job.io({ AWS_OIDC_ROLE_ARN: roles.deploy });
    const exitCode = await run(['doctor'], io);
    expect(exitCode).toBe(1);
    expect(io.results()).toMatch(
      /^✔ ID token: GITLAB_OIDC_TOKEN is for branch "main" of the project acme\/shop, valid until \d{4}-/,
    );
    expect(io.results()).toContain('✘ issuer over https: ');
    expect(io.results()).toContain("→ AWS accepts only https issuers: set GitLab's external_url");
    expect(io.results()).toContain('13 passed, 1 failed, 0 unknown.');
    expect(io.results()).toContain('STS reaches the issuer over the internet, not from this machine');
  });
});

describe('a token that STS repeats in its response', () => {
  it.each(['json', 'text'] as const)('is not printed as %s', async (format) => {
    const body = `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no: ${job.token}</Message></Error></ErrorResponse>`;
    job.sandbox.sts.faults.plan({ kind: 'garbage', body, status: 403 }, 2);
    const io = job.io({ AWS_OIDC_ROLE_ARN: roles.deploy });
    await doctorCommand(io, { inputs: {}, format }, limits);
    expect(io.text()).toContain('AccessDenied: no: [masked]');
    expect(io.text()).not.toContain(job.token.slice(0, 20));
  });
});

describe('doctor, with an issuer over https', () => {
  const root = makeCertificate({ name: 'Example Root', ca: true });
  const server = makeCertificate({ name: 'localhost', issuer: root, hosts: 'DNS:localhost' });
  let keys: string;
  let served: Awaited<ReturnType<typeof serveChain>>;
  let url: string;
  let token: string;
  let bundle: string;
  let discovery: Record<string, unknown>;
  beforeAll(async () => {
    keys = await (await fetch(`${job.sandbox.issuer.url}/oauth/discovery/keys`)).text();
    served = await serveChain(server, [], {
      answer: (path) =>
        path === '/keys'
          ? keys
          : path === '/.well-known/openid-configuration'
            ? JSON.stringify(discovery)
            : '',
    });
    url = `https://localhost:${served.port}`;
    discovery = { issuer: url, jwks_uri: `${url}/keys` };
    token = await job.sandbox.issuer.mint({ audience: url, claims: { iss: url } });
    const name = url.replace('https://', '');
    job.sandbox.sts.iam
      .addProvider({ account, url, clientIds: [url], keysFrom: job.sandbox.issuer.url })
      .addRole({
        arn: `arn:aws:iam::${account}:role/https`,
        trustPolicy: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${name}` },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: { StringEquals: { [`${name}:aud`]: url } },
          },
        }),
      });
    const io = job.io();
    bundle = join(io.directory, 'ca.pem');
    writeFileSync(bundle, root.cert);
  });
  afterAll(() => served.stop());

  const environment = () => ({
    GITLAB_OIDC_TOKEN: token,
    AWS_OIDC_ROLE_ARN: `arn:aws:iam::${account}:role/https`,
    AWS_CA_BUNDLE: bundle,
  });

  it('passes every check, and reports that a private authority needs a thumbprint', async () => {
    const { exitCode, failed, unknown, passed, check } = await examine(environment());
    expect({ exitCode, failed, unknown }).toEqual({
      exitCode: 0,
      failed: [],
      unknown: ['certificate-authority'],
    });
    expect(passed).toContain('certificate-order');
    expect(check('certificate-authority')?.detail).toBe(
      'The chain leads to "Example Root", a private authority.',
    );
    expect(check('thumbprint')?.detail).toMatch(
      /^AWS would compute the thumbprint [0-9a-f]{40} of "localhost"/,
    );
  });

  it('finds a server with an untrusted authority', async () => {
    const { failed, check } = await examine({ ...environment(), AWS_CA_BUNDLE: undefined });
    expect(failed).toContain('discovery');
    expect(check('discovery')?.detail).toMatch(
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/,
    );
    expect(check('certificate-host')?.status).toBe('passed');
  });

  it.each<[string, () => Record<string, unknown>, string, RegExp]>([
    [
      'another issuer in the document',
      () => ({ ...discovery, issuer: `${url}/` }),
      'discovery-issuer',
      /It is "https:.*\/", but the token's iss is "https:/,
    ],
    ['no address of keys', () => ({ issuer: url }), 'discovery-keys', /"jwks_uri" is missing/],
    [
      'keys that are not there',
      () => ({ ...discovery, jwks_uri: `${url}/nothing` }),
      'keys',
      /returns HTTP status 404/,
    ],
    [
      'keys of another server',
      () => ({ ...discovery, jwks_uri: `${job.sandbox.issuer.url}/.well-known/openid-configuration` }),
      'key-id',
      /is not in the issuer's key set .size 0/,
    ],
  ])('finds %s', async (_, change, id, detail) => {
    const before = discovery;
    discovery = change();
    const { exitCode, check } = await examine(environment());
    discovery = before;
    expect(exitCode).toBe(1);
    expect(check(id)).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(detail),
      remedy: expect.stringMatching(/\S/),
    });
  });

  it.each<[string, string]>([
    ['no JSON', '<html>'],
    ['a list', '[]'],
  ])('finds a document that is %s', async (_, text) => {
    const answers = await serveChain(server, [], { answer: () => text });
    const iss = `https://localhost:${answers.port}`;
    const { check } = await examine({
      ...environment(),
      GITLAB_OIDC_TOKEN: await job.sandbox.issuer.mint({ claims: { iss } }),
    });
    await answers.stop();
    expect(check('discovery')?.detail).toContain('is not a JSON object');
  });

  it('finds an issuer that does not respond', async () => {
    const iss = `https://localhost:${await freePort()}`;
    const { check } = await examine({
      ...environment(),
      GITLAB_OIDC_TOKEN: await job.sandbox.issuer.mint({ claims: { iss } }),
    });
    expect(check('discovery')?.detail).toContain('ECONNREFUSED');
    expect(check('certificate')).toMatchObject({
      status: 'unknown',
      remedy: expect.stringContaining('openssl s_client'),
    });
  });
});
