import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callerOf } from '../../src/aws-api/caller.ts';
import type { AwsConnection } from '../../src/aws-api/connection.ts';
import { createIam, type Iam } from '../../src/aws-api/iam.ts';
import { proxiedHandler } from '../../src/aws-api/proxied-handler.ts';

/** A server in place of AWS that answers every request the same way. */
let answer: { status: number; body: string } | 'reset' = { status: 500, body: '' };
const asked: string[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  asked.push(String(Buffer.concat(chunks)));
  if (answer === 'reset') return void request.socket.destroy();
  response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
});
let connection: AwsConnection;
let iam: Iam;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  connection = {
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'hidden' }),
    requestHandler: proxiedHandler(undefined),
    maxAttempts: 1,
    retryMode: 'standard',
    ...{ endpoint },
  };
  iam = createIam(connection);
});
afterAll(() => server.close());
afterEach(() => asked.splice(0));

const error = (code: string, message = 'a message of AWS') =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

describe('an error of IAM', () => {
  it.each([
    [
      403,
      'AccessDenied',
      'REFUSED',
      'These AWS credentials are not allowed to call iam:GetRole.',
      /iam:GetRole/,
    ],
    [403, 'InvalidClientTokenId', 'REFUSED', 'AWS does not know this access key.', /GovCloud and China/],
    [403, 'ExpiredToken', 'REFUSED', 'The AWS credentials have expired.', /aws sso login/],
    [403, 'SignatureDoesNotMatch', 'REFUSED', 'AWS rejected the signature of the request.', /clock/],
    [
      400,
      'Throttling',
      'UNAVAILABLE',
      'AWS throttled iam:GetRole, also after several attempts.',
      /in a minute/,
    ],
    [503, 'ServiceUnavailable', 'UNAVAILABLE', /did not answer iam:GetRole/, /in a minute/],
    [409, 'LimitExceeded', 'REFUSED', /^AWS refused iam:GetRole: LimitExceeded/, undefined],
    [400, 'ValidationError', 'REFUSED', /^AWS refused iam:GetRole: ValidationError/, undefined],
  ])('%i %s says what to do', async (status, code, expected, message, hint) => {
    answer = { status, body: error(code) };
    const found = await iam.role('deploy').catch((cause: unknown) => cause);
    expect(found).toMatchObject({ name: 'AwsOidcError', code: expected });
    expect((found as Error).message).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
    if (hint !== undefined) expect((found as { hint: string }).hint).toMatch(hint);
    expect(JSON.stringify(found)).not.toContain('hidden');
  });

  it('quotes the message of AWS, which names caller and resource', async () => {
    const message = 'User: arn:aws:iam::111111111111:user/x is not authorized to perform: iam:GetRole';
    answer = { status: 403, body: error('AccessDenied', message) };
    await expect(iam.role('deploy')).rejects.toMatchObject({ lines: [message] });
  });

  it('is none if something does not exist', async () => {
    answer = { status: 404, body: error('NoSuchEntity') };
    expect(await iam.role('deploy')).toBeUndefined();
    expect(await iam.audiencesOf('arn:aws:iam::111111111111:oidc-provider/gitlab.com')).toBeUndefined();
    expect(await iam.inlinePolicy('deploy', 'gitlab-ci')).toBeUndefined();
  });

  it('is none if something that is created exists already', async () => {
    answer = { status: 409, body: error('EntityAlreadyExists') };
    await iam.createProvider('https://gitlab.com', 'https://gitlab.com', {});
    expect(asked).toHaveLength(1);
  });

  it('is a network error if the connection breaks', async () => {
    answer = 'reset';
    await expect(iam.role('deploy')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'AWS did not answer iam:GetRole (ECONNRESET).',
    });
  });

  it.each(['', '%', encodeURIComponent('{"Version":')])('is reported for the policy "%s"', async (policy) => {
    const role = `<Role><Arn>arn:aws:iam::111111111111:role/deploy</Arn><AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument></Role>`;
    answer = {
      status: 200,
      body: `<GetRoleResponse><GetRoleResult>${role}</GetRoleResult></GetRoleResponse>`,
    };
    await expect(iam.role('deploy')).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'The response to iam:GetRole contains no readable policy.',
    });
  });
});

describe('callerOf', () => {
  const identity = (account: string, arn: string) =>
    `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

  it.each([
    ['aws', 'arn:aws:iam::111111111111:user/someone'],
    ['aws-us-gov', 'arn:aws-us-gov:sts::111111111111:assumed-role/admin/someone'],
    ['aws-cn', 'arn:aws-cn:iam::111111111111:root'],
  ])('reads account and partition %s', async (partition, arn) => {
    answer = { status: 200, body: identity('111111111111', arn) };
    expect(await callerOf(connection)).toEqual({ account: '111111111111', partition, arn });
  });

  it.each([identity('x', 'arn:aws:iam::x:root'), identity('111111111111', 'nonsense'), '<html/>'])(
    'does not accept %s',
    async (body) => {
      answer = { status: 200, body };
      await expect(callerOf(connection)).rejects.toMatchObject({
        code: 'REFUSED',
        message: 'The response to sts:GetCallerIdentity is not from AWS.',
      });
    },
  );
});
