import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { startProxy } from '../support/proxy.ts';
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
    expect(stdout).toContain('✔ signature: The signature matches that key.');
    expect(stdout).toContain('13 passed, 1 failed, 0 unknown.');
  });

  it.each([
    ['that is none', async () => 'socks5://user:pass-word@127.0.0.1:1', '✘ STS: '],
    ['with a password', async () => (await startProxy('pass-word')).url, '✔ STS: '],
  ])('never shows the password of a proxy %s', async (_, proxy, said) => {
    const { exitCode, stdout, stderr } = await runProgram(nodeUnderTest, [join(root, 'dist/doctor.mjs')], {
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      AWS_OIDC_ROLE_ARN: roles.deploy,
      HTTP_PROXY: await proxy(),
      NO_PROXY: '',
      DEBUG: '*',
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toContain(said);
    expect(stdout).not.toMatch(/pass-word|bug of aws-oidc/);
  });

  it('warns if the token crosses a network without TLS', async () => {
    // this machine, by an address that could be another one's
    const endpoint = sandbox.sts.url.replace('127.0.0.1', '0.0.0.0');
    const { stdout } = await runProgram(nodeUnderTest, [join(root, 'dist/doctor.mjs')], {
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
      AWS_ENDPOINT_URL_STS: endpoint,
      AWS_OIDC_ROLE_ARN: roles.deploy,
    });
    expect(stdout).toContain(`? notice: The connection to ${new URL(endpoint).host} does not use TLS`);
  });

  it('dist/aws-oidc.mjs reads policies and templates', async () => {
    const template = join(root, 'test/fixtures/policies/template.yml');
    const { exitCode, stdout } = await runProgram(nodeUnderTest, [join(root, 'dist/aws-oidc.mjs'), 'trust-policy', 'lint', template], {});
    expect(exitCode).toBe(1);
    expect(stdout).toContain('[subject-whole-group]');
  });
});
