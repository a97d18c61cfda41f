import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connectWith } from '../../src/aws-api/connection.ts';
import { eksToken } from '../../src/aws-api/eks-token.ts';
import { peers } from '../support/moto.ts';
import { stubbedCredentials } from '../support/stub-credentials.ts';

const urlIn = (token: string) =>
  new URL(Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString());

it.each(['eu-central-1', 'us-gov-west-1', 'cn-north-1'])(
  'eks-token signs for %s as "aws eks get-token" does in the same second',
  async (region) => {
    const printed = execFileSync(join(peers, 'aws'), ['eks', 'get-token', '--cluster-name', 'shop'], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        HOME: '/nonexistent',
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: stubbedCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: stubbedCredentials.secretAccessKey,
        AWS_SESSION_TOKEN: stubbedCredentials.sessionToken,
      },
    });
    const theirs = urlIn(JSON.parse(printed).status.token);
    const date = `${theirs.searchParams.get('X-Amz-Date')}`;
    const now = new Date(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
    const connection = connectWith(region, undefined, () => async () => stubbedCredentials);
    const ours = urlIn((await eksToken(connection, 'shop', now)).token);
    expect([...ours.searchParams].sort()).toEqual([...theirs.searchParams].sort());
    expect(ours.origin + ours.pathname).toBe(theirs.origin + theirs.pathname);
  },
);
