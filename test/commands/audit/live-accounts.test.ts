import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsConnection } from '../../../src/aws-api/connection.ts';
import { proxiedHandler } from '../../../src/aws-api/proxied-handler.ts';
import { reachable, readAll } from '../../../src/commands/audit/live-accounts.ts';
import { JobLog } from '../../../src/output/job-log.ts';

/** A server in place of IAM: accounts without roles, of which one refuses. */
let endpoint: string;
const server = createServer((request, response) => {
  const isRefused = request.headers.authorization?.includes('REFUSED');
  const refusal =
    '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>';
  const roles =
    '<ListRolesResponse><ListRolesResult><IsTruncated>false</IsTruncated><Roles/></ListRolesResult></ListRolesResponse>';
  response.writeHead(isRefused ? 403 : 200, { 'content-type': 'text/xml' }).end(isRefused ? refusal : roles);
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const log = new JobLog({ log: () => {}, colour: false, sections: false, now: () => new Date() }, []);

function connection(accessKeyId: string): AwsConnection {
  return {
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId, secretAccessKey: 'x' }),
    requestHandler: proxiedHandler(undefined),
    maxAttempts: 1,
    retryMode: 'standard',
    ...{ endpoint },
  };
}

describe('readAll', () => {
  it('goes on with the other accounts if one refuses, and says why', async () => {
    const accesses = ['111111111111', '222222222222', '333333333333'].map((account) => {
      return { account, connection: connection(account.startsWith('2') ? 'REFUSED' : 'ALLOWED') };
    });
    const { accounts, unread } = await readAll(accesses, 2, log);
    expect(accounts.map(({ account }) => account)).toEqual(['111111111111', '333333333333']);
    expect(unread).toEqual([
      {
        account: '222222222222',
        reason: 'These AWS credentials are not allowed to call iam:ListRoles. not you',
      },
    ]);
  });

  it('fails if the only account refuses', async () => {
    const only = { account: '222222222222', connection: connection('REFUSED') };
    await expect(readAll([only], 1, log)).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('reachable', () => {
  it('has each account once, in order', async () => {
    const own = ['222222222222', '111111111111', '222222222222'].map((account) => {
      return { connection: connection('x'), caller: { account, partition: 'aws', arn: '' } };
    });
    expect((await reachable(own, undefined)).map(({ account }) => account)).toEqual([
      '111111111111',
      '222222222222',
    ]);
  });
});
