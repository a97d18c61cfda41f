import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { root, runProgram } from '../support/run-program.ts';

const aws = join(process.env.AWS_OIDC_PEERS ?? '', 'aws');
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

describe('the AWS CLI', () => {
  it('signs with the variables that are handed on, and STS knows whose they are', async () => {
    const env = { GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(), AWS_ENDPOINT_URL_STS: sandbox.sts.url };
    const exchange = { ...env, AWS_OIDC_ROLE_ARN: roles.deploy, AWS_OIDC_REGION: 'ap-northeast-1' };
    const { directory } = await runProgram(process.execPath, [join(root, 'dist/assume-role.mjs')], exchange);
    const lines = readFileSync(join(directory, 'aws-oidc.env'), 'utf8').trim().split('\n');
    const handedOn = Object.fromEntries(
      lines.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) as [string, string]),
    );

    const { exitCode, stdout, stderr } = await runProgram(
      aws,
      ['sts', 'get-caller-identity', '--output', 'json'],
      {
        PATH: process.env.PATH ?? '',
        HOME: directory,
        AWS_ENDPOINT_URL_STS: sandbox.sts.url,
        ...handedOn,
      },
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ Account: '111111111111', Arn: handedOn.AWS_ASSUMED_ROLE_ARN });
  });
});
