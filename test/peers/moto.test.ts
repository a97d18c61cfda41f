import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTemplate } from '../support/configuration.ts';
import { type Moto, peers, startMoto } from '../support/moto.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';
import { unsignedToken } from '../support/token.ts';

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
}, 90_000);
afterAll(() => moto.stop());

describe.each(shells)('with moto as STS, in %s', (_, shell, args) => {
  it('same-job gets credentials that the AWS CLI uses', async () => {
    const { before_script = [], variables } =
      readTemplate('same-job').configure({
        role_arn: 'arn:aws:iam::111111111111:role/deploy',
        region: 'eu-central-1',
        session_name: 'a-job',
        role_chain: ['arn:aws:iam::222222222222:role/next'],
      })['.aws-credentials'] ?? {};
    const script = [
      ...before_script,
      'aws sts get-caller-identity --query Arn --output text',
      'aws configure list',
    ];
    const { exitCode, stdout } = await runProgram(shell, [...args, script.join('\n')], {
      PATH: [peers, join(process.execPath, '..'), process.env.PATH].join(delimiter),
      GITLAB_OIDC_TOKEN: unsignedToken({ exp: Math.floor(Date.now() / 1000) + 300 }),
      AWS_ENDPOINT_URL_STS: moto.url,
      ...variables,
    });
    expect(stdout).toContain('✔ arn:aws:sts::222222222222:assumed-role/next/a-job until ');
    expect(stdout).toMatch(/^arn:aws:sts::222222222222:assumed-role\/next\/a-job$/m);
    expect(stdout).toMatch(/region .*eu-central-1/);
    expect(exitCode).toBe(0);
  });
});
