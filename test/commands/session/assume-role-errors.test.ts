import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../../sandbox/sandbox.ts';
import { stsErrors } from '../../../sandbox/sts-errors.ts';
import { useSandbox } from '../../support/command-run.ts';

const job = useSandbox();

describe('every error of STS', () => {
  const refused: readonly [keyof typeof stsErrors, RegExp][] = [
    [
      'notAuthorized',
      /does not exist in account 111111111111, or its trust policy.*[\s\S]*"127\S+:sub": "project_path:acme\/shop:/,
    ],
    [
      'noProvider',
      /AWS accepts only https issuers[\s\S]*Create the IAM identity provider in account 111111111111/,
    ],
    ['incorrectAudience', /The token's aud is "http:.*the issuer's own address/],
    ['thumbprint', /Add the thumbprint of the last certificate/],
    ['notJwt', /The value sent is not an ID token/],
    ['missingAudience', /The token's aud is "http:/],
    ['expiredToken', /A clock is wrong: by this machine's clock, the token is still valid/],
    ['rejectedClaim', /A claim of the token is invalid, expired or revoked/],
    ['malformedPolicy', /in the input "policy"/],
    ['packedPolicyTooLarge', /Shorten the input "policy"/],
    ['regionDisabled', /STS is not active in this region for the account/],
    ['sessionName', /Set the input "session_name"/],
    ['duration', /Set it to a number of seconds from 900/],
    ['maxSessionDuration', /The input "duration" is 3600 seconds/],
    ['invalidArn', /Check the input "role_arn"/],
    ['badSignature', /signature does not match the issuer's keys/],
    ['unknownKey', /Errors of this operation: https:/],
  ];
  it.each(refused)('%s fails in one request, with its message and what to do', async (error, hint) => {
    job.sandbox.sts.faults.plan({ kind: 'error', error });
    const { io, exitCode, requests, log } = await job.run();
    const { code, message } = stsErrors[error];
    expect({ exitCode, requests, files: io.files() }).toEqual({
      exitCode: 1,
      requests: 1,
      files: ['annotations.json'],
    });
    expect(log).toContain(`✘ ${code}: ${message}`);
    expect(log).toMatch(hint);
    const annotations = readFileSync(join(io.directory, 'annotations.json'), 'utf8');
    expect(JSON.parse(annotations)).toEqual({
      'AWS role': [
        {
          external_link: {
            label: expect.stringMatching(/^refused: ./),
            url: 'https://docs.gitlab.com/ci/cloud_services/aws/#troubleshooting',
          },
        },
      ],
    });
  });

  const passing: readonly [keyof typeof stsErrors, RegExp][] = [
    ['noVerificationKey', /It fetches http.*openid-configuration/],
    ['issuerUnreachable', /STS could not reach the issuer/],
    ['throttling', /No attempt succeeded in time/],
    ['throttlingException', /No attempt succeeded in time/],
    ['internalFailure', /No attempt succeeded in time/],
    ['serviceUnavailable', /No attempt succeeded in time/],
  ];
  it.each(passing)('%s is retried until the deadline, then ends with 75', async (error, hint) => {
    job.sandbox.sts.faults.plan({ kind: 'error', error }, 1000);
    const { io, exitCode, requests, log } = await job.run();
    expect(exitCode).toBe(75);
    expect(requests).toBeGreaterThan(2);
    expect(io.files()).toEqual(['annotations.json']);
    expect(log).toContain(`✘ ${stsErrors[error].code}: ${stsErrors[error].message}`);
    expect(log).toMatch(hint);
  });

  it.each(passing)('%s is not reported as a failure if the next attempt succeeds', async (error) => {
    job.sandbox.sts.faults.plan({ kind: 'error', error }, 2);
    const { io, exitCode, requests, log } = await job.run();
    expect({ exitCode, requests }).toEqual({ exitCode: 0, requests: 3 });
    expect(io.files()).toContain('aws-oidc.env');
    expect(log).toMatch(/! Attempt 2 failed, retrying in \d\.\d s: /);
  });

  it('a refusal in a role chain names both roles', async () => {
    const chain = { role_chain: JSON.stringify([roles.production]), external_id: 'wrong-one' };
    const { io, exitCode, actions, log } = await job.run(chain);
    expect({ exitCode, actions, files: io.files() }).toEqual({
      exitCode: 1,
      actions: ['AssumeRoleWithWebIdentity', 'AssumeRole'],
      files: ['annotations.json'],
    });
    expect(log).toContain(
      'is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/production',
    );
    expect(log).toContain('The first role is not allowed to assume the next role');
  });
});

describe('a chained role that does not allow everything', () => {
  const arn = 'arn:aws:iam::222222222222:role/plain';
  const role_chain = JSON.stringify([arn]);

  it.each([
    ['sts:TagSession', [], {}, { session_tags: '[]' }],
    ['sts:SetSourceIdentity', ['sts:TagSession'], { source_identity: 'user_login' }, { source_identity: '' }],
  ])('%s is refused with what to add; the input turns it off', async (action, more, inputs, off) => {
    job.sandbox.sts.iam.addRole({
      arn,
      principals: [roles.deploy],
      actions: ['sts:AssumeRole', ...more],
    });
    const { exitCode, log } = await job.run({ role_chain, ...inputs });
    expect(exitCode).toBe(1);
    expect(log).toContain(`is not authorized to perform: ${action} on resource: ${arn}`);
    expect(log).toContain(`The trust policy of ${arn} does not allow ${action}.`);
    expect(log).toContain(`→ Allow "${action}" in it for the role before it in the chain`);
    expect(log).toContain(`Or set the input "${Object.keys(off)[0]}" to `);
    expect(await job.run({ role_chain, ...inputs, ...off })).toMatchObject({ exitCode: 0 });
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
  ])('refuse a token of %s', async (_, tokenOptions, message) => {
    const { exitCode, requests, log } = await job.run(
      {},
      { GITLAB_OIDC_TOKEN: await job.sandbox.issuer.mint(tokenOptions) },
    );
    expect({ exitCode, requests }).toEqual({ exitCode: 1, requests: 1 });
    expect(log).toContain(message);
  });

  it('refuse a token that was changed', async () => {
    const [header, payload, signature = ''] = job.token.split('.');
    const changed = [header, payload, signature.split('').reverse().join('')].join('.');
    const { exitCode, log } = await job.run({}, { GITLAB_OIDC_TOKEN: changed });
    expect(exitCode).toBe(1);
    expect(log).toContain('Token signature invalid');
  });
});
