import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

  it('runs us as the credential_process of a profile', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'credential-process-'));
    const command = `${process.execPath} ${join(root, 'dist/aws-oidc.mjs')} assume-role --role-arn ${roles.deploy} --output-format process`;
    writeFileSync(
      join(directory, 'config'),
      `[profile ci]\nregion = eu-central-1\ncredential_process = ${command}\n`,
    );
    const { exitCode, stdout } = await runProgram(
      aws,
      ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'],
      {
        PATH: process.env.PATH ?? '',
        HOME: directory,
        AWS_CONFIG_FILE: join(directory, 'config'),
        AWS_PROFILE: 'ci',
        AWS_ENDPOINT_URL_STS: sandbox.sts.url,
        GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
      },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^arn:aws:sts::111111111111:assumed-role\/deploy\//);
  });

  it('uses the profile that we wrote', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'profile-'));
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: directory,
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      AWS_DEFAULT_REGION: 'eu-central-1',
    };
    const write = [
      join(root, 'dist/aws-oidc.mjs'),
      'assume-role',
      '--role-arn',
      roles.deploy,
      '--output-format',
      'profile',
      '--profile',
      'ci',
    ];
    await runProgram(process.execPath, write, { ...env, GITLAB_OIDC_TOKEN: await sandbox.issuer.mint() });
    const ask = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text', '--profile', 'ci'];
    const { exitCode, stdout } = await runProgram(aws, ask, env);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^arn:aws:sts::111111111111:assumed-role\/deploy\//);
  });
});
