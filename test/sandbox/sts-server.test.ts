import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { externalId, roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
afterEach(() => sandbox.sts.faults.clear());

const client = (config: STSClientConfig = {}) =>
  new STSClient({ region: 'us-east-1', endpoint: sandbox.sts.url, maxAttempts: 1, ...config });

async function exchange(options: Parameters<Sandbox['issuer']['mint']>[0] = {}, input = {}) {
  return client().send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roles.deploy,
      RoleSessionName: 'test-session',
      WebIdentityToken: await sandbox.issuer.mint(options),
      ...input,
    }),
  );
}

function withKeys(credentials: Credentials | undefined, changes = {}): STSClient {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = credentials ?? {};
  const keys = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    ...changes,
  };
  return client({ credentials: keys });
}

describe('AssumeRoleWithWebIdentity', () => {
  it('answers with all that STS answers', async () => {
    const issuer = sandbox.issuer.url;
    expect(await exchange()).toMatchObject({
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
        Expiration: expect.any(Date),
      },
      AssumedRoleUser: { Arn: 'arn:aws:sts::111111111111:assumed-role/deploy/test-session' },
      Audience: issuer,
      SubjectFromWebIdentityToken: 'project_path:acme/shop:ref_type:branch:ref:main',
      Provider: `arn:aws:iam::111111111111:oidc-provider/${new URL(issuer).host}`,
    });
  });

  it.each([
    ['an unknown role', {}, { RoleArn: 'arn:aws:iam::111111111111:role/none' }, 'AccessDenied'],
    ['an account without the provider', {}, { RoleArn: roles.production }, 'InvalidIdentityTokenException'],
    ['another subject', { job: { ref: 'feature' } }, {}, 'AccessDenied'],
    ['another case of letters', { job: { projectPath: 'Acme/shop' } }, {}, 'AccessDenied'],
    ['another audience', { audience: 'x' }, {}, 'InvalidIdentityTokenException'],
    ['no audience', { claims: { aud: undefined } }, {}, 'InvalidIdentityTokenException'],
    ['an expired token', { expiresInSeconds: -60 }, {}, 'ExpiredTokenException'],
    ['a token of the future', { claims: { nbf: 9_999_999_999 } }, {}, 'IDPRejectedClaimException'],
    ['no token', {}, { WebIdentityToken: 'abcd' }, 'InvalidIdentityTokenException'],
    ['an ARN of nothing', {}, { RoleArn: 'arn:aws:iam:::role/deploy' }, 'ValidationError'],
    ['a session name with a slash', {}, { RoleSessionName: 'a/b' }, 'ValidationError'],
    ['a short session', {}, { DurationSeconds: 60 }, 'ValidationError'],
    ['a longer session than the role allows', {}, { DurationSeconds: 3601 }, 'ValidationError'],
    ['a policy that is none', {}, { Policy: '{"Statement":' }, 'MalformedPolicyDocumentException'],
    ['a policy that is too long', {}, { Policy: 'x'.repeat(2049) }, 'PackedPolicyTooLargeException'],
  ])('refuses %s', async (_, token, input, name) => {
    await expect(exchange(token, input)).rejects.toMatchObject({ name });
  });

  it('takes the longer session that another role allows', async () => {
    const { Credentials } = await exchange({}, { RoleArn: roles.build, DurationSeconds: 43_200 });
    const seconds = ((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(43_100);
  });

  it('cannot fetch keys of an issuer that is down', async () => {
    const gone = await startSandbox();
    const token = await gone.issuer.mint();
    await gone.stop();
    sandbox.sts.iam.addProvider({
      account: '111111111111',
      url: gone.issuer.url,
      clientIds: [gone.issuer.url],
    });
    await expect(exchange({}, { WebIdentityToken: token })).rejects.toThrow(
      "Couldn't retrieve verification key",
    );
  });
});

describe('signed requests', () => {
  it('know who signed them', async () => {
    const { Credentials } = await exchange();
    const identity = await withKeys(Credentials).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({
      Account: '111111111111',
      Arn: 'arn:aws:sts::111111111111:assumed-role/deploy/test-session',
    });
  });

  it.each([
    ['another secret', { secretAccessKey: 'x' }, 'SignatureDoesNotMatch'],
    ['another session token', { sessionToken: 'x' }, 'InvalidClientTokenId'],
    ['an unknown key', { accessKeyId: 'ASIAUNKNOWN' }, 'InvalidClientTokenId'],
  ])('are refused with %s', async (_, changes, name) => {
    const { Credentials } = await exchange();
    const identity = withKeys(Credentials, changes).send(new GetCallerIdentityCommand({}));
    await expect(identity).rejects.toMatchObject({ name });
  });

  it.each([
    ['takes the role and the external id', { ExternalId: externalId }, undefined],
    ['refuses another external id', { ExternalId: 'other' }, 'AccessDenied'],
    ['refuses more than an hour', { ExternalId: externalId, DurationSeconds: 3601 }, 'ValidationError'],
  ])('chaining %s', async (_, input, name) => {
    const { Credentials } = await exchange();
    const command = new AssumeRoleCommand({
      RoleArn: roles.production,
      RoleSessionName: 'chained',
      ...input,
    });
    const answer = withKeys(Credentials).send(command);
    if (name === undefined) await expect(answer).resolves.toHaveProperty('Credentials.AccessKeyId');
    else await expect(answer).rejects.toMatchObject({ name });
  });

  const tag = (Key: string, Value: string) => ({ Key, Value });
  it.each([
    ['takes tags and a source identity', { Tags: [tag('a', 'b')], SourceIdentity: 'dev' }, undefined],
    ['refuses a tag twice', { Tags: [tag('a', 'b'), tag('A', 'b')] }, 'InvalidParameterValue'],
    ['refuses a key of AWS', { Tags: [tag('aws:a', 'b')] }, 'ValidationError'],
    ['refuses a character', { Tags: [tag('a', 'b#')] }, 'ValidationError'],
    ['refuses a long value', { Tags: [tag('a', 'b'.repeat(257))] }, 'ValidationError'],
    [
      'refuses 51 tags',
      { Tags: Array.from({ length: 51 }, (_, index) => tag(`k${index}`, '')) },
      'ValidationError',
    ],
    ['refuses a source identity of one character', { SourceIdentity: 'x' }, 'ValidationError'],
  ])('chaining with tags %s', async (_, input, name) => {
    const { Credentials } = await exchange();
    const command = new AssumeRoleCommand({
      RoleArn: roles.production,
      RoleSessionName: 'chained',
      ExternalId: externalId,
      ...input,
    });
    const answer = withKeys(Credentials).send(command);
    if (name === undefined) await expect(answer).resolves.toHaveProperty('Credentials.AccessKeyId');
    else await expect(answer).rejects.toMatchObject({ name });
  });

  it('inherit transitive tags and the source identity', async () => {
    const next = 'arn:aws:iam::222222222222:role/next';
    const actions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
    const chain = async (from: Credentials | undefined, input: object) => {
      const command = new AssumeRoleCommand({ RoleArn: next, RoleSessionName: 'next', ...input });
      return withKeys(from).send(command);
    };
    const { Credentials: first } = await exchange();
    const { Credentials: second } = await chain(first, {
      RoleArn: roles.production,
      ExternalId: externalId,
      Tags: [tag('ref', 'main'), tag('job', '1')],
      TransitiveTagKeys: ['ref'],
      SourceIdentity: 'dev',
    });
    // inherited tags and source identities need the actions, too
    for (const [allowed, missing] of [
      [actions.slice(0, 1), 'sts:TagSession'],
      [actions.slice(0, 2), 'sts:SetSourceIdentity'],
    ] as const) {
      sandbox.sts.iam.addRole({ arn: next, principals: [roles.production], actions: allowed });
      await expect(chain(second, {})).rejects.toThrow(
        `is not authorized to perform: ${missing} on resource: ${next}`,
      );
    }
    sandbox.sts.iam.addRole({ arn: next, principals: [roles.production], actions });
    await chain(second, {});
    expect(sandbox.sts.keys.issued.at(-1)?.chained).toEqual({
      tags: new Map([['ref', 'main']]),
      transitiveKeys: ['ref'],
      sourceIdentity: 'dev',
    });
    await expect(chain(second, { Tags: [tag('Ref', 'x')] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(chain(second, { SourceIdentity: 'other' })).rejects.toMatchObject({
      name: 'ValidationError',
    });
  });

  it('are asked for where one is needed', async () => {
    const answer = await fetch(sandbox.sts.url, {
      method: 'POST',
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});

describe('anything else', () => {
  it.each(['', 'constructor', 'DecodeAuthorizationMessage'])(
    'the operation "%s" is unknown',
    async (action) => {
      const answer = await fetch(sandbox.sts.url, { method: 'POST', body: `Action=${action}` });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('<Code>InvalidAction</Code>');
    },
  );

  it('a planned fault meets as many requests as planned', async () => {
    sandbox.sts.faults.plan({ kind: 'error', error: 'throttling' }, 2);
    await expect(exchange()).rejects.toThrow('Rate exceeded');
    await expect(exchange()).rejects.toThrow('Rate exceeded');
    await expect(exchange()).resolves.toBeDefined();
  });
});
