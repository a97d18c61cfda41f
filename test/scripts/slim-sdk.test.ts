import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Agent } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import aws4 from 'aws4';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bundle } from '../../scripts/bundle/bundle.ts';
import type { ChainParameters, RoleRequest, StsAddress } from '../../src/exchange/sts.ts';
import * as whole from '../../src/exchange/sts.ts';

/** Each test asks both: the SDK as it is installed, and as little of it as the components' program carries. */
let slim: Pick<typeof whole, 'createSts' | 'stsUrl'>;
let server: ReturnType<typeof createServer>;
let port: number;

interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let asked: Asked[] = [];
let answer: Answer = { status: 500, body: '' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:34:56Z') });
});
beforeAll(async () => {
  const { code } = await bundle({ entry: 'test/support/slim-sts.ts', file: 'slim-sts.mjs' }, '0.0.0-test');
  const file = join(mkdtempSync(join(tmpdir(), 'slim-')), 'slim-sts.mjs');
  writeFileSync(file, code);
  slim = await import(/* @vite-ignore */ pathToFileURL(file).href);
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    asked.push({ method, path: url, headers, body: Buffer.concat(chunks).toString('latin1') });
    response.writeHead(answer.status, { 'content-type': 'text/xml', ...answer.headers }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());
afterEach(() => vi.useRealTimers());

/** Leads every https request to the server here, without TLS. */
class LeadingHere extends Agent {
  override createConnection() {
    return connect(port, '127.0.0.1');
  }
}

const session = {
  accessKeyId: 'ASIAFIRST',
  secretAccessKey: 'first/secret+key',
  sessionToken: 'first//session+token==',
  expiration: new Date('2030-01-01T00:00:00Z'),
};

interface Case {
  readonly address: StsAddress;
  readonly request: RoleRequest;
  readonly token: string;
  readonly chained: ChainParameters;
}

type Operation = 'exchange' | 'chain';

/** What one of the two asks, and what becomes of the answer. */
async function run(
  { createSts }: typeof slim,
  operation: Operation,
  { address, request, token, chained }: Case,
) {
  asked = [];
  const agent = new LeadingHere();
  const sts = createSts(address, address.endpoint?.protocol === 'http:' ? {} : { httpsAgent: agent });
  const { signal } = new AbortController();
  const outcome = await (operation === 'exchange'
    ? sts.exchange(token, request, signal)
    : sts.chain(session, { ...request, ...chained }, signal)
  ).then(
    (result) => ({ result }),
    // the classes of the two are not the same
    (error) => ({ error: { ...error, name: error.name, message: error.message } }),
  );
  agent.destroy();
  return { outcome, asked };
}

/** Without what differs on purpose: the program's name, and what the SDK tells of itself and its retries. */
function essence({ method, path, headers, body }: Asked) {
  const {
    'user-agent': _,
    'x-amz-user-agent': __,
    'amz-sdk-invocation-id': ___,
    'amz-sdk-request': ____,
    ...rest
  } = headers;
  return { method, path, body, headers: { ...rest, authorization: scopeOf(rest.authorization) } };
}

/** The signature covers the headers that differ; whether it is right is asked of another implementation. */
const scopeOf = (authorization: string | undefined) => authorization?.replace(/, *SignedHeaders=.*/, '');

/** What aws4, which shares no code with the SDK, signs the same request with. */
function signatureOfAnother({ method, path, headers, body }: Asked, region: string): string {
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const signed = Object.fromEntries(names.split(';').map((name) => [name, String(headers[name])]));
  const { headers: result } = aws4.sign(
    {
      method: method ?? '',
      path: path ?? '',
      body,
      headers: signed,
      service: 'sts',
      region,
      host: headers.host ?? '',
    },
    session,
  );
  return String(result?.Authorization).replaceAll(', ', ',');
}

async function compare(operation: Operation, one: Case) {
  const [theirs, ours] = [await run(whole, operation, one), await run(slim, operation, one)];
  expect(ours.asked.map(essence)).toEqual(theirs.asked.map(essence));
  expect(ours.outcome).toEqual(theirs.outcome);
  if (operation === 'chain') {
    for (const request of [...theirs.asked, ...ours.asked]) {
      expect(request.headers.authorization?.replaceAll(', ', ',')).toBe(
        signatureOfAnother(request, one.address.region),
      );
    }
  }
  return ours;
}

const operations = ['exchange', 'chain'] as const;

/** Names of regions; the options refuse what stands for several, such as aws-global. */
const regions = [
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'eu-central-1',
  'eu-south-2',
  'ap-southeast-7',
  'mx-central-1',
  'cn-north-1',
  'cn-northwest-1',
  'us-gov-west-1',
  'us-gov-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
  'eusc-de-east-1',
];

const region = fc.oneof(
  fc.constantFrom(...regions),
  // one that will be there some day
  fc.stringMatching(/^(us|eu|ap|cn|us-gov|us-iso|eusc|xx)-[a-z]{4,9}-[1-9]$/),
);
const endpoint = fc.constantFrom('', 'base', 'base/path').map((path) => (at: string) => new URL(path, at));
const address = fc.oneof(
  fc.record({ region, endpoint: fc.constant(undefined), useFips: fc.boolean() }),
  fc.record({
    region,
    endpoint: fc
      .tuple(fc.constantFrom('http', 'https'), endpoint)
      .map(([protocol, path]) => ({ protocol, path })),
    useFips: fc.constant(false),
  }),
);
const words = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
const request = fc.record({
  roleArn: fc.constantFrom(
    'arn:aws:iam::111111111111:role/deploy',
    'arn:aws-cn:iam::111111111111:role/a/b/c',
  ),
  sessionName: fc.stringMatching(/^[\w+=,.@-]{2,64}$/),
  durationSeconds: fc.integer({ min: 900, max: 43_200 }),
  policy: fc.option(fc.oneof(fc.json(), words), { nil: undefined }),
  policyArns: fc.array(fc.constantFrom('arn:aws:iam::aws:policy/A', 'arn:aws:iam::1:policy/x/y+z'), {
    maxLength: 10,
  }),
});

const cases = fc
  .record({
    address,
    request,
    token: fc.oneof(fc.stringMatching(/^[\w-]{1,80}\.[\w-]{1,80}\.[\w-]{1,80}$/), words),
    chained: fc.record({
      externalId: fc.option(fc.stringMatching(/^[\w+=,.@:/-]{2,80}$/), { nil: undefined }),
      sessionTags: fc.array(fc.record({ name: words, value: words }), { maxLength: 50 }),
      transitiveTags: fc.boolean(),
      sourceIdentity: fc.option(fc.record({ name: words, value: words }), { nil: undefined }),
    }),
  })
  .map(({ address: { endpoint: made, ...address }, ...one }) => ({
    ...one,
    address: { ...address, endpoint: made?.path(`${made.protocol}://127.0.0.1:${port}`) },
  }));

const part = (name: string, value: string | undefined) =>
  value === undefined ? '' : `<${name}>${value}</${name}>`;
const xmlText = fc.oneof(
  fc.string({ maxLength: 30 }).map((text) => text.replace(/[<&\r]/g, '_').trim() || 'x'),
  fc.constantFrom(
    'a &amp; b',
    '&lt;x&gt;',
    '&#65;&#x42;',
    '',
    '  x  ',
    '<![CDATA[a<b]]>',
    '1',
    'true',
    '007',
    'null',
  ),
);

/** Answers of STS, whole and broken. */
const answers = fc.oneof(
  fc
    .record({
      id: fc.option(xmlText, { nil: undefined }),
      secret: fc.option(xmlText, { nil: undefined }),
      token: fc.option(xmlText, { nil: undefined }),
      expiration: fc.option(
        fc.constantFrom('2030-01-01T00:00:00Z', '2030-01-01T00:00:00.123Z', '2030-01-01T00:00:00+02:00'),
        { nil: undefined },
      ),
      arn: fc.option(fc.constantFrom('arn:aws:sts::111111111111:assumed-role/deploy/x', ''), {
        nil: undefined,
      }),
      space: fc.constantFrom('', '\n  '),
      status: fc.constantFrom(200, 200, 200, 201),
    })
    .map(({ id, secret, token, expiration, arn, space, status }) => (operation: string) => ({
      status,
      body: `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${space}<${operation}Result>${space}<Credentials>${part('AccessKeyId', id)}${part('SecretAccessKey', secret)}${space}${part('SessionToken', token)}${part('Expiration', expiration)}</Credentials>${space}<AssumedRoleUser>${part('Arn', arn)}</AssumedRoleUser></${operation}Result></${operation}Response>`,
    })),
  fc
    .record({
      code: fc.option(
        fc.constantFrom(
          'AccessDenied',
          'ExpiredTokenException',
          'ExpiredToken',
          'InvalidIdentityToken',
          'IDPCommunicationError',
          'IDPRejectedClaim',
          'MalformedPolicyDocument',
          'PackedPolicyTooLarge',
          'RegionDisabledException',
          'Throttling',
          'ThrottlingException',
          'RequestLimitExceeded',
          'ValidationError',
          'InternalFailure',
          'ServiceUnavailable',
          'SignatureDoesNotMatch',
          'toString',
          '__proto__',
        ),
        { nil: undefined },
      ),
      message: fc.option(xmlText, { nil: undefined }),
      lower: fc.boolean(),
      status: fc.constantFrom(400, 401, 403, 404, 413, 429, 500, 502, 503),
      retryAfter: fc.option(fc.constantFrom('7', 'soon'), { nil: undefined }),
    })
    .map(({ code, message, lower, status, retryAfter }) => () => ({
      status,
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>${part('Code', code)}${part(lower ? 'message' : 'Message', message)}</Error><RequestId>r</RequestId></ErrorResponse>`,
    })),
  fc
    .record({
      status: fc.constantFrom(200, 302, 400, 403, 500),
      body: fc.oneof(
        fc.constantFrom(
          '',
          '<html>no</html>',
          '{"message":"no"}',
          '<a>',
          '<a/>',
          'x',
          '<A><B>c</B></A>',
          '<?xml version="1.0"?>',
        ),
        fc.string({ maxLength: 40 }),
      ),
    })
    .map((one) => () => one),
);

/** One request like any other, to the server here. */
const plainCase = (): Case => ({
  address: { region: 'us-east-1', endpoint: new URL(`http://127.0.0.1:${port}`), useFips: false },
  request: { roleArn: 'arn:1', sessionName: 'x-y', durationSeconds: 900, policy: undefined, policyArns: [] },
  token: 'a.b.c',
  chained: { externalId: undefined, sessionTags: [], transitiveTags: false, sourceIdentity: undefined },
});

const operationNames = { exchange: 'AssumeRoleWithWebIdentity', chain: 'AssumeRole' } as const;

describe.each(operations)('the reduced SDK, for %s', (operation) => {
  it('sends the same bytes, with the same signature as another implementation', async () => {
    answer = {
      status: 400,
      body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
    };
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        expect((await compare(operation, one)).asked).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });

  it('reads every response in the same way', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (made) => {
        answer = made(operationNames[operation]);
        await compare(operation, plainCase());
      }),
      { numRuns: 400 },
    );
  });

  it('does not read a response over a mebibyte', async () => {
    const one = plainCase();
    const body = (operationName: string, bytes: number) =>
      `<${operationName}Response><${operationName}Result><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></${operationName}Result>${' '.repeat(bytes)}</${operationName}Response>`;
    answer = { status: 200, body: body(operationNames[operation], 1_000_000) };
    expect((await run(slim, operation, one)).outcome).toMatchObject({ result: expect.anything() });
    answer = { status: 200, body: body(operationNames[operation], 1_048_576) };
    expect((await run(slim, operation, one)).outcome).toMatchObject({
      error: { name: 'StsError', kind: 'passing', code: 'UnreadableAnswer' },
    });
  });
});

describe('the address', () => {
  it('is the same in every region', () => {
    fc.assert(
      fc.property(region, fc.boolean(), (name, useFips) => {
        const at = { region: name, endpoint: undefined, useFips };
        expect(slim.stsUrl(at).href).toBe(whole.stsUrl(at).href);
      }),
      { numRuns: 1000 },
    );
  });
});
