import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { externalId, roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { stsErrors } from '../../sandbox/sts-errors.ts';
import { assumeRoleCommand } from '../../src/commands/assume-role.ts';
import type { Inputs } from '../../src/exchange/options.ts';
import type { RetryLimits } from '../../src/exchange/retry.ts';
import { fakeIo } from '../support/fake-io.ts';

const limits: RetryLimits = { deadlineMs: 900, attemptMs: 200, firstPauseMs: 20, maxPauseMs: 100 };
let sandbox: Sandbox;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  token = await sandbox.issuer.mint();
});
afterAll(() => sandbox.stop());
afterEach(() => sandbox.sts.faults.clear());

/** Runs the command as a job would, and tells what came of it. */
async function run(inputs: Inputs = {}, env: Record<string, string | undefined> = {}) {
  const io = fakeIo({ GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: sandbox.sts.url, ...env });
  const before = sandbox.sts.requests.length;
  const exitCode = await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy, ...inputs } }, limits);
  const seen = sandbox.sts.requests.slice(before);
  return { io, exitCode, log: io.text(), actions: seen.map(({ action }) => action), requests: seen.length };
}

const dotenvOf = (io: ReturnType<typeof fakeIo>) =>
  Object.fromEntries(
    readFileSync(join(io.directory, 'aws-oidc.env'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) as [string, string]),
  );

describe('assume-role, when all is well', () => {
  it('writes the credentials with a single request', async () => {
    const { io, exitCode, actions, log } = await run(
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

  it('prints neither the token nor a key, nor a part of them', async () => {
    const { io, log } = await run();
    const dotenv = dotenvOf(io);
    for (const secret of [...token.split('.'), dotenv.AWS_SECRET_ACCESS_KEY, dotenv.AWS_SESSION_TOKEN]) {
      expect(log).not.toContain(secret);
    }
  });

  it('walks a chain of roles and hands on the last one', async () => {
    const { io, exitCode, actions } = await run({
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

  it('tells when a session name was changed', async () => {
    const { io, log } = await run({ session_name: 'feature/login' });
    expect(log).toContain(
      '! The session name "feature/login" was changed to "feature-login", to what STS takes.',
    );
    expect(dotenvOf(io).AWS_ASSUMED_ROLE_ARN).toMatch(/\/feature-login$/);
  });

  it.each([
    [
      'the token is for another audience',
      { audience: 'https://gitlab.com' },
      {},
      /! The token is for "http.*", not for the audience "https:\/\/gitlab\.com"/,
    ],
    ['GitLab will print the variables', {}, { CI_DEBUG_TRACE: 'true' }, /! CI_DEBUG_TRACE is on/],
  ])('tells when %s', async (_, inputs, env, notice) => {
    const { log, exitCode } = await run(inputs, env);
    expect(exitCode).toBe(0);
    expect(log).toMatch(notice);
  });

  it('tells when the token goes over a network in the clear', async () => {
    const { log } = await run({}, { AWS_ENDPOINT_URL_STS: sandbox.sts.url.replace('127.0.0.1', '0.0.0.0') });
    expect(log).toMatch(/! 0\.0\.0\.0:\d+ is not asked through TLS/);
  });

  it('replaces the file of an earlier run, and removes it where this run fails', async () => {
    const { io } = await run();
    const first = dotenvOf(io).AWS_ACCESS_KEY_ID;
    await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy } }, limits);
    expect(dotenvOf(io).AWS_ACCESS_KEY_ID).not.toBe(first);
    await assumeRoleCommand(io, { inputs: { role_arn: 'nonsense' } }, limits);
    expect(io.files()).toEqual([]);
  });
});

describe('every error of STS', () => {
  const refused: readonly [keyof typeof stsErrors, RegExp][] = [
    [
      'notAuthorized',
      /does not exist in account 111111111111, or its trust policy.*"project_path:acme\/shop:/,
    ],
    ['noProvider', /Create an IAM identity provider in account 111111111111 whose URL is exactly "http:/],
    ['incorrectAudience', /The token was sent for "http:.*Make the input "audience" equal/],
    ['thumbprint', /Update the provider's thumbprint/],
    ['notJwt', /The variable holds no ID token/],
    ['missingAudience', /of the old kind, CI_JOB_JWT/],
    ['expiredToken', /The token expired before it was exchanged/],
    ['rejectedClaim', /A claim of the token was rejected/],
    ['malformedPolicy', /"policy" is JSON, but no valid session policy/],
    ['packedPolicyTooLarge', /Shorten "policy"/],
    ['regionDisabled', /STS is not active in this region for account 111111111111/],
    ['sessionName', /Set the input "session_name"/],
    ['duration', /Set the input "duration"/],
    ['maxSessionDuration', /The role allows less than 3600 seconds/],
    ['invalidArn', /Check the input "role_arn"/],
    ['badSignature', /What STS may answer: https:/],
  ];
  it.each(refused)('%s fails in one request, with its message and what to do', async (error, hint) => {
    sandbox.sts.faults.plan({ kind: 'error', error });
    const { io, exitCode, requests, log } = await run();
    const { code, message } = stsErrors[error];
    expect({ exitCode, requests, files: io.files() }).toEqual({ exitCode: 1, requests: 1, files: [] });
    expect(log).toContain(`✘ ${code}: ${message}`);
    expect(log).toMatch(hint);
  });

  const passing: readonly [keyof typeof stsErrors, RegExp][] = [
    ['noVerificationKey', /STS could not fetch http.*openid-configuration/],
    ['issuerUnreachable', /STS could not reach http/],
    ['throttling', /did not serve this in time/],
    ['throttlingException', /did not serve this in time/],
    ['internalFailure', /did not serve this in time/],
    ['serviceUnavailable', /did not serve this in time/],
  ];
  it.each(passing)('%s is tried again until the deadline, then ends with 75', async (error, hint) => {
    sandbox.sts.faults.plan({ kind: 'error', error }, 1000);
    const { io, exitCode, requests, log } = await run();
    expect(exitCode).toBe(75);
    expect(requests).toBeGreaterThan(2);
    expect(io.files()).toEqual([]);
    expect(log).toContain(`✘ ${stsErrors[error].code}: ${stsErrors[error].message}`);
    expect(log).toMatch(hint);
  });

  it.each(passing)('%s is forgotten where the next attempt succeeds', async (error) => {
    sandbox.sts.faults.plan({ kind: 'error', error }, 2);
    const { io, exitCode, requests, log } = await run();
    expect({ exitCode, requests }).toEqual({ exitCode: 0, requests: 3 });
    expect(io.files()).toContain('aws-oidc.env');
    expect(log).toMatch(/! Attempt 2 failed, the next one follows in \d\.\d s: /);
  });

  it('a refusal to chain names both roles', async () => {
    const chain = { role_chain: JSON.stringify([roles.production]), external_id: 'wrong-one' };
    const { io, exitCode, actions, log } = await run(chain);
    expect({ exitCode, actions, files: io.files() }).toEqual({
      exitCode: 1,
      actions: ['AssumeRoleWithWebIdentity', 'AssumeRole'],
      files: [],
    });
    expect(log).toContain(
      'is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/production',
    );
    expect(log).toContain('The first role may not assume the next one');
  });
});

describe('real refusals of the sandbox', () => {
  it.each([
    [
      'another branch',
      { job: { ref: 'feature' } },
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ],
    ['a tag of the same name', { job: { refType: 'tag' as const } }, 'Not authorized to perform'],
    ['a fork', { job: { projectPath: 'someone/shop' } }, 'Not authorized to perform'],
    ['another audience', { audience: 'https://gitlab.com' }, 'Incorrect token audience'],
    [
      'another issuer',
      { claims: { iss: 'https://gitlab.com' } },
      'No OpenIDConnect provider found in your account for https://gitlab.com',
    ],
  ])('come for a token of %s', async (_, tokenOptions, message) => {
    const { exitCode, requests, log } = await run(
      {},
      { GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(tokenOptions) },
    );
    expect({ exitCode, requests }).toEqual({ exitCode: 1, requests: 1 });
    expect(log).toContain(message);
  });

  it('come for a token that somebody changed', async () => {
    const [header, payload, signature = ''] = token.split('.');
    const changed = [header, payload, signature.split('').reverse().join('')].join('.');
    const { exitCode, log } = await run({}, { GITLAB_OIDC_TOKEN: changed });
    expect(exitCode).toBe(1);
    expect(log).toContain('Token signature invalid');
  });
});

describe('faults on the way', () => {
  it.each([
    ['a reset before the answer', { kind: 'reset', when: 'before-answer' }],
    ['a reset during the answer', { kind: 'reset', when: 'during-answer' }],
    ['half an answer', { kind: 'truncate' }],
    ['garbage with status 200', { kind: 'garbage', body: '<html>wifi login</html>' }],
    ['an empty answer', { kind: 'garbage', body: '' }],
    ['bytes', { kind: 'garbage', body: '\0\u0001\u0002' }],
    ['the answer of another operation', { kind: 'garbage', body: '<A><B>c</B></A>' }],
    [
      'an answer without keys',
      {
        kind: 'garbage',
        body: '<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult/></AssumeRoleWithWebIdentityResponse>',
      },
    ],
    ['a bare 500', { kind: 'status', status: 500 }],
    ['a bare 503', { kind: 'status', status: 503 }],
    ['a bare 429', { kind: 'status', status: 429, retryAfter: '0' }],
    ['an answer that takes too long', { kind: 'delay', ms: 400 }],
  ] as const)('%s is tried again', async (_, fault) => {
    sandbox.sts.faults.plan(fault);
    const { io, exitCode, requests } = await run();
    expect({ exitCode, requests }).toEqual({ exitCode: 0, requests: 2 });
    expect(io.files()).toContain('aws-oidc.env');
  });

  it.each([
    ['a page of a proxy', { kind: 'garbage', body: '<html>blocked</html>', status: 403 }, 'HTTP status 403'],
    ['a proxy that wants a password', { kind: 'status', status: 407 }, 'HTTP status 407'],
    ['a redirect', { kind: 'status', status: 302 }, 'HTTP status 302'],
  ] as const)('%s fails at once', async (_, fault, message) => {
    sandbox.sts.faults.plan(fault);
    const { io, exitCode, requests, log } = await run();
    expect({ exitCode, requests, files: io.files() }).toEqual({ exitCode: 1, requests: 1, files: [] });
    expect(log).toContain(`✘ The answer did not come from AWS STS: ${message}`);
    expect(log).toContain('Check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL_STS.');
    expect(log).not.toContain('<html>');
  });

  it('waits for as long as Retry-After says, but not past the deadline', async () => {
    sandbox.sts.faults.plan({ kind: 'error', error: 'throttling', retryAfter: '3600' }, 9);
    const started = performance.now();
    const { exitCode, requests } = await run();
    expect({ exitCode, requests }).toEqual({ exitCode: 75, requests: 1 });
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('a server that is not there ends with 75', async () => {
    const { exitCode, log } = await run({}, { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' });
    expect(exitCode).toBe(75);
    expect(log).toContain('✘ ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('an answer for another role is thrown away', async () => {
    const credentials =
      '<Credentials><AccessKeyId>ASIAOTHER</AccessKeyId><SecretAccessKey>canary-secret</SecretAccessKey>' +
      '<SessionToken>canary-token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>';
    for (const arn of [
      'arn:aws:sts::999999999999:assumed-role/deploy/x-y',
      'arn:aws:sts::111111111111:assumed-role/admin/x-y',
      '',
    ]) {
      const user = `<AssumedRoleUser><Arn>${arn}</Arn></AssumedRoleUser>`;
      const body = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>${credentials}${user}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
      sandbox.sts.faults.plan({ kind: 'garbage', body });
      const { io, exitCode, log } = await run();
      expect({ exitCode, files: io.files() }).toEqual({ exitCode: 1, files: [] });
      expect(log).toContain(`✘ STS answered for "${arn}" instead of "${roles.deploy}"`);
      expect(log).not.toContain('canary');
    }
  });
});

describe('what a hostile server or file system can do', () => {
  it('an error that repeats the token does not bring it into the log', async () => {
    const message = `Value '${token}' at 'webIdentityToken', and \u001b[31m red \nnew line`;
    const body = `<ErrorResponse><Error><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`;
    sandbox.sts.faults.plan({ kind: 'garbage', body, status: 400 });
    const { exitCode, log } = await run();
    expect(exitCode).toBe(1);
    expect(log).toContain("Value '[masked]' at 'webIdentityToken', and \\u{1b}[31m red \\u{a}new line");
    for (const part of token.split('.')) expect(log).not.toContain(part);
  });

  it('a session token that is no line of a report is refused, and not shown', async () => {
    const result =
      '<AssumedRoleUser><Arn>arn:aws:sts::111111111111:assumed-role/deploy/x-y</Arn></AssumedRoleUser>';
    const body = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>canary&#10;LD_PRELOAD=/evil</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>${result}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
    sandbox.sts.faults.plan({ kind: 'garbage', body });
    const { io, exitCode, log } = await run();
    expect({ exitCode, files: io.files() }).toEqual({ exitCode: 1, files: [] });
    expect(log).toContain(
      '✘ The value of "AWS_SESSION_TOKEN" must be one line of printable characters without spaces',
    );
    expect(log).not.toContain('canary');
  });

  it('a symbolic link in the way is refused before the token is sent', async () => {
    const io = fakeIo({ GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: sandbox.sts.url });
    const target = join(io.directory, 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, join(io.directory, 'aws-oidc.env'));
    const before = sandbox.sts.requests.length;
    expect(await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy } }, limits)).toBe(1);
    expect(sandbox.sts.requests.length).toBe(before);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(io.text()).toContain('A symbolic link is in the way.');
  });

  it('a directory that cannot be written to is an error without a request or a file', async () => {
    const io = fakeIo({ GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: sandbox.sts.url });
    mkdirSync(join(io.directory, 'aws-oidc.env'));
    expect(await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy } }, limits)).toBe(1);
    expect(io.text()).toContain('must not exist or be a regular file');
  });

  it('a token in the wrong input is not shown', async () => {
    const { exitCode, log } = await run({ role_arn: token });
    expect(exitCode).toBe(2);
    expect(log).toContain('found: [masked]');
    for (const part of token.split('.')) expect(log).not.toContain(part);
  });
});

describe('wrong input', () => {
  it('is reported at once, and nothing is sent', async () => {
    const { io, exitCode, requests, log } = await run(
      { role_arn: 'deploy', duration: '1' },
      { GITLAB_OIDC_TOKEN: '' },
    );
    expect({ exitCode, requests, files: io.files() }).toEqual({ exitCode: 2, requests: 0, files: [] });
    expect(log).toContain('✘ 3 inputs are not right. Nothing was sent.');
    expect(log).toContain('  "role_arn" must be arn:PARTITION:iam::ACCOUNT:role/NAME\n    found: deploy\n');
    expect(log).toContain('  "GITLAB_OIDC_TOKEN" must not be empty\n');
  });

  it('an account that is not allowed never sees the token', async () => {
    const { exitCode, requests, log } = await run({ allowed_account_ids: '["222222222222"]' });
    expect({ exitCode, requests }).toEqual({ exitCode: 2, requests: 0 });
    expect(log).toContain('111111111111 is not among 222222222222');
  });

  it('a CA bundle that cannot be read is named', async () => {
    const { exitCode, log } = await run({}, { AWS_CA_BUNDLE: '/no/such/file' });
    expect(exitCode).toBe(2);
    expect(log).toContain(
      '"AWS_CA_BUNDLE" must name a readable file of certificates (PEM)\n    found: /no/such/file',
    );
  });
});
