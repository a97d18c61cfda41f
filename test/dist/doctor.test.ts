import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

describe('the committed programs', () => {
  it.each([
    ['dist/doctor.mjs', []],
    ['dist/aws-oidc.mjs', ['doctor']],
  ])('%s examines an exchange', async (program, args) => {
    const { exitCode, stdout, stderr, directory } = await runProgram(nodeUnderTest, [join(root, program), ...args], {
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      AWS_OIDC_ROLE_ARN: roles.deploy,
    });
    // the sandbox's issuer has no TLS
    expect({ exitCode, stderr, files: readdirSync(directory) }).toEqual({ exitCode: 1, stderr: '', files: [] });
    expect(stdout).toContain('✔ signature: It is right by that key.');
    expect(stdout).toContain('13 passed, 1 failed, 0 not to be told from here.');
  });

  it('dist/aws-oidc.mjs reads policies and templates', async () => {
    const template = join(root, 'test/fixtures/policies/template.yml');
    const { exitCode, stdout } = await runProgram(nodeUnderTest, [join(root, 'dist/aws-oidc.mjs'), 'trust-policy', 'lint', template], {});
    expect(exitCode).toBe(1);
    expect(stdout).toContain('[subject-whole-group]');
  });
});
