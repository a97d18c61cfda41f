import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChainedRequest, createSts } from '../../src/exchange/sts.ts';
import { type Moto, peers, startMoto } from '../support/moto.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import { unsignedToken } from '../support/token.ts';

const first = 'arn:aws:iam::111111111111:role/first';
const second = 'arn:aws:iam::222222222222:role/second';
const third = 'arn:aws:iam::333333333333:role/third';
const claims = {
  project_path: 'acme/shop',
  ref: 'fix#12/Müller',
  pipeline_id: '574',
  job_id: '302',
  user_login: 'sample-user',
  exp: Math.floor(Date.now() / 1000) + 300,
};

let moto: Moto;
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'moto-'));
  moto = await startMoto({ MOTO_RECORDER_FILEPATH: join(directory, 'recording') });
}, 90_000);
afterAll(() => moto.stop());

/** The parameters of the requests that moto received, by moto's own recording. */
async function recorded(run: () => Promise<void>): Promise<readonly Record<string, string>[]> {
  const control = (path: string) => fetch(`${moto.url}/moto-api/recorder/${path}`, { method: 'POST' });
  await control('reset-recording');
  await control('start-recording');
  await run();
  await control('stop-recording');
  const lines = await (await fetch(`${moto.url}/moto-api/recorder/download-recording`)).text();
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { body: string; body_encoded: boolean })
    .map(({ body, body_encoded }) => (body_encoded ? Buffer.from(body, 'base64').toString() : body))
    .map((body) => Object.fromEntries(new URLSearchParams(body)));
}

/** The parameters about tags and the source identity. */
const passed = (request: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(request).filter(([name]) => /^(Tags|Transitive|SourceId|RoleArn)/.test(name)),
  );

const tags = {
  'Tags.member.1.Key': 'project_path',
  'Tags.member.1.Value': 'acme/shop',
  'Tags.member.2.Key': 'ref',
  'Tags.member.2.Value': 'fix-12/Müller',
  'Tags.member.3.Key': 'pipeline_id',
  'Tags.member.3.Value': '574',
  'Tags.member.4.Key': 'job_id',
  'Tags.member.4.Value': '302',
  'Tags.member.5.Key': 'user_login',
  'Tags.member.5.Value': 'sample-user',
};
const transitive = {
  'TransitiveTagKeys.member.1': 'project_path',
  'TransitiveTagKeys.member.2': 'ref',
  'TransitiveTagKeys.member.3': 'pipeline_id',
  'TransitiveTagKeys.member.4': 'job_id',
  'TransitiveTagKeys.member.5': 'user_login',
};

describe('the payload, with moto as STS', () => {
  it.each([
    ['the default tags for each chained role', {}, tags, tags],
    [
      'transitive tags and the source identity once',
      { AWS_OIDC_TRANSITIVE_TAGS: 'true', AWS_OIDC_SOURCE_IDENTITY: 'user_login' },
      { ...tags, ...transitive, SourceIdentity: 'sample-user' },
      {},
    ],
    ['no tags', { AWS_OIDC_SESSION_TAGS: '[]\n' }, {}, {}],
  ])('sends %s', async (_, env, toSecond, toThird) => {
    const requests = await recorded(async () => {
      const { exitCode, stdout } = await runProgram(nodeUnderTest, [join(root, 'dist/assume-role.mjs')], {
        PATH: '/usr/bin:/bin',
        GITLAB_OIDC_TOKEN: unsignedToken(claims),
        AWS_ENDPOINT_URL_STS: moto.url,
        AWS_OIDC_ROLE_ARN: first,
        AWS_OIDC_ROLE_CHAIN: JSON.stringify([second, third]),
        ...env,
      });
      expect(exitCode, stdout).toBe(0);
    });
    expect(requests.map(passed)).toEqual([
      { RoleArn: first },
      { RoleArn: second, ...toSecond },
      { RoleArn: third, ...toThird },
    ]);
  });
});

describe('AssumeRole, compared with the AWS CLI', () => {
  const session = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'token',
    expiration: new Date('2030-01-01T00:00:00Z'),
  };
  const request: ChainedRequest = {
    roleArn: second,
    sessionName: 'GitLabRunner-20-574',
    durationSeconds: 900,
    policy: undefined,
    policyArns: [],
    externalId: 'shop-42',
    sessionTags: [
      { name: 'project_path', value: 'acme/shop' },
      { name: 'ref', value: 'a b+c=d:e@f Müller 本番' },
      { name: 'environment', value: '' },
    ],
    transitiveTags: true,
    sourceIdentity: { name: 'user_login', value: 'sample.user@example.com' },
  };

  it('has the same body, parameter by parameter', async () => {
    const bodies: string[] = [];
    const answer = '<ErrorResponse><Error><Code>No</Code><Message>no</Message></Error></ErrorResponse>';
    const server = createServer(async (message, response) => {
      bodies.push(Buffer.concat(await message.toArray()).toString());
      response.writeHead(400).end(answer);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sts = createSts({ region: 'us-east-1', endpoint: new URL(url), useFips: false }, {});
    await sts.chain(session, request, new AbortController().signal).catch(() => {});
    await byCli(url).catch(() => {});
    server.close();
    const [ours = '', theirs = ''] = bodies;
    const sorted = (body: string) => [...new URLSearchParams(body)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(ours)).toEqual(sorted(theirs));
    expect(ours).toContain('Tags.member.3.Value=');
  });

  /** The same request by `aws sts assume-role`. */
  function byCli(url: string) {
    const list = request.sessionTags.map(({ name, value }) => ({ Key: name, Value: value }));
    const flags = {
      'role-arn': request.roleArn,
      'role-session-name': request.sessionName,
      'duration-seconds': '900',
      'external-id': 'shop-42',
      'source-identity': request.sourceIdentity?.value ?? '',
      tags: JSON.stringify(list),
    };
    const keys = request.sessionTags.map(({ name }) => name);
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const all = ['sts', 'assume-role', ...args, '--transitive-tag-keys', ...keys, '--endpoint-url', url];
    return promisify(execFile)(join(peers, 'aws'), all, {
      env: {
        PATH: [peers, process.env.PATH].join(delimiter),
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: session.accessKeyId,
        AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
        AWS_SESSION_TOKEN: session.sessionToken,
        AWS_MAX_ATTEMPTS: '1',
        LC_ALL: 'C.UTF-8',
      },
    });
  }
});
