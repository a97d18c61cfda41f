import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSts, type RoleRequest, type Sts, stsUrl } from '../../src/exchange/sts.ts';

const request: RoleRequest = {
  roleArn: 'arn:aws:iam::111111111111:role/deploy',
  sessionName: 'GitLabRunner-1-2',
  durationSeconds: 900,
  policy: undefined,
  policyArns: [],
};
const session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'canary-first-secret-key',
  sessionToken: 'canary-first-session-token',
  expiration: new Date('2030-01-01T00:00:00Z'),
};

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: URLSearchParams;
}

let stop: (() => void) | undefined;
afterEach(() => stop?.());

/** An STS that answers what the test says. */
async function stsThat(answer: (asked: Asked) => readonly [status: number, body: string]) {
  const asked: Asked[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const one = { headers: incoming.headers, body: new URLSearchParams(Buffer.concat(chunks).toString()) };
    asked.push(one);
    const [status, body] = answer(one);
    response.writeHead(status, { 'content-type': 'text/xml', 'retry-after': '7' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => server.close();
  const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { asked, sts: createSts({ region: 'eu-central-1', endpoint, useFips: false }, {}) };
}

const refusal = (code: string, message: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

const credentialParts = {
  AccessKeyId: 'ASIANEW',
  SecretAccessKey: 'new-secret',
  SessionToken: 'new-token',
  Expiration: '2030-01-01T00:00:00Z',
};

const success = (operation: string, parts: Readonly<Record<string, string>> = credentialParts) => {
  const credentials = Object.entries(parts).map(([name, value]) => `<${name}>${value}</${name}>`);
  const user =
    '<AssumedRoleUser><Arn>arn:aws:sts::111111111111:assumed-role/deploy/x</Arn></AssumedRoleUser>';
  return `<${operation}Response><${operation}Result><Credentials>${credentials.join('')}</Credentials>${user}</${operation}Result></${operation}Response>`;
};

const incomplete = {
  name: 'StsError',
  kind: 'passing',
  code: 'UnreadableAnswer',
  message: 'The STS response lacks part of the credentials.',
};

type Call = (sts: Sts, more?: Partial<RoleRequest>, signal?: AbortSignal) => Promise<unknown>;

const never = new AbortController().signal;
const notChained = {
  externalId: undefined,
  sessionTags: [],
  transitiveTags: false,
  sourceIdentity: undefined,
};
const calls: readonly (readonly [operation: string, call: Call])[] = [
  [
    'AssumeRoleWithWebIdentity',
    (sts, more, signal = never) => sts.exchange('a.token.of-it', { ...request, ...more }, signal),
  ],
  [
    'AssumeRole',
    (sts, more, signal = never) => sts.chain(session, { ...request, ...notChained, ...more }, signal),
  ],
];

describe.each(calls)('%s', (operation, call) => {
  it('sends the parameters, and returns the session', async () => {
    const { asked, sts } = await stsThat(() => [200, success(operation)]);
    expect(await call(sts)).toEqual({
      credentials: {
        accessKeyId: 'ASIANEW',
        secretAccessKey: 'new-secret',
        sessionToken: 'new-token',
        expiration: new Date('2030-01-01T00:00:00Z'),
      },
      assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/deploy/x',
    });
    expect(asked).toHaveLength(1);
    expect(Object.fromEntries(asked[0]?.body ?? [])).toEqual({
      Action: operation,
      Version: '2011-06-15',
      RoleArn: request.roleArn,
      RoleSessionName: request.sessionName,
      DurationSeconds: '900',
      ...(operation === 'AssumeRole' ? {} : { WebIdentityToken: 'a.token.of-it' }),
    });
  });

  it('sends session policies if there are any', async () => {
    const { asked, sts } = await stsThat(() => [200, success(operation)]);
    await call(sts, { policy: '{"Statement":[]}', policyArns: ['arn:1', 'arn:2'] });
    expect(Object.fromEntries(asked[0]?.body ?? [])).toMatchObject({
      Policy: '{"Statement":[]}',
      'PolicyArns.member.1.arn': 'arn:1',
      'PolicyArns.member.2.arn': 'arn:2',
    });
  });

  it.each([...Object.keys(credentialParts)])('rejects a response without %s', async (missing) => {
    const parts = Object.fromEntries(Object.entries(credentialParts).filter(([name]) => name !== missing));
    const { sts } = await stsThat(() => [200, success(operation, parts)]);
    await expect(call(sts)).rejects.toMatchObject(incomplete);
  });

  it('rejects a response with an invalid expiration', async () => {
    const { sts } = await stsThat(() => [
      200,
      success(operation, { ...credentialParts, Expiration: 'soon' }),
    ]);
    await expect(call(sts)).rejects.toMatchObject({
      ...incomplete,
      message: 'The response is incomplete or not from STS.',
    });
  });

  it('returns an empty ARN if the response contains no role', async () => {
    const answer = success(operation).replace(/<AssumedRoleUser>.*<\/AssumedRoleUser>/, '');
    const { sts } = await stsThat(() => [200, answer]);
    expect(await call(sts)).toMatchObject({ assumedRoleArn: '' });
  });

  it('makes one request, and repeats the error of STS', async () => {
    const { asked, sts } = await stsThat(() => [503, refusal('ServiceUnavailable', 'Try again')]);
    await expect(call(sts)).rejects.toMatchObject({
      kind: 'passing',
      code: 'ServiceUnavailable',
      message: 'Try again',
      httpStatus: 503,
      retryAfterMs: 7000,
    });
    expect(asked).toHaveLength(1);
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const { sts } = await stsThat(() => {
      controller.abort();
      return [200, success(operation)];
    });
    await expect(call(sts, {}, controller.signal)).rejects.toMatchObject({
      kind: 'passing',
      code: 'TimeoutError',
      message: 'No response in time.',
    });
  });
});

describe('AssumeRole', () => {
  it('sends the external ID if there is one, and is signed with the session', async () => {
    const { asked, sts } = await stsThat(() => [200, success('AssumeRole')]);
    await sts.chain(session, { ...request, ...notChained, externalId: 'shop-42' }, never);
    expect(asked[0]?.body.get('ExternalId')).toBe('shop-42');
    expect(asked[0]?.headers['x-amz-security-token']).toBe(session.sessionToken);
    expect(asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/\d{8}\/eu-central-1\/sts\/aws4_request, /,
    );
  });
});

describe('session tags and source identity', () => {
  const sessionTags = [
    { name: 'project_path', value: 'acme/shop' },
    { name: 'ref', value: 'Müller 本番' },
  ];
  const sourceIdentity = { name: 'user_login', value: 'sample-user' };

  it.each([
    [
      'all of them',
      { sessionTags, transitiveTags: true, sourceIdentity },
      {
        'Tags.member.1.Key': 'project_path',
        'Tags.member.1.Value': 'acme/shop',
        'Tags.member.2.Key': 'ref',
        'Tags.member.2.Value': 'Müller 本番',
        'TransitiveTagKeys.member.1': 'project_path',
        'TransitiveTagKeys.member.2': 'ref',
        SourceIdentity: 'sample-user',
      },
    ],
    [
      'tags for this session only',
      { sessionTags: sessionTags.slice(0, 1) },
      { 'Tags.member.1.Key': 'project_path', 'Tags.member.1.Value': 'acme/shop' },
    ],
    ['nothing', { transitiveTags: true }, {}],
  ])('are sent by AssumeRole: %s', async (_, more, expected) => {
    const { asked, sts } = await stsThat(() => [200, success('AssumeRole')]);
    await sts.chain(session, { ...request, ...notChained, ...more }, never);
    const sent = Object.entries(Object.fromEntries(asked[0]?.body ?? []));
    expect(Object.fromEntries(sent.filter(([name]) => /Tag|SourceIdentity/.test(name)))).toEqual(expected);
  });
});

describe('stsUrl', () => {
  it.each([
    ['us-east-1', false, 'https://sts.us-east-1.amazonaws.com/'],
    ['us-west-2', true, 'https://sts-fips.us-west-2.amazonaws.com/'],
    ['cn-north-1', false, 'https://sts.cn-north-1.amazonaws.com.cn/'],
    ['us-gov-west-1', false, 'https://sts.us-gov-west-1.amazonaws.com/'],
    ['us-gov-west-1', true, 'https://sts.us-gov-west-1.amazonaws.com/'],
  ])('of %s with FIPS %s is %s', (region, useFips, url) => {
    expect(stsUrl({ region, endpoint: undefined, useFips }).href).toBe(url);
  });

  it('is the custom endpoint, if one is set', () => {
    const endpoint = new URL('http://sts.example.com:8080/path');
    expect(stsUrl({ region: 'us-east-1', endpoint, useFips: false })).toBe(endpoint);
  });
});
