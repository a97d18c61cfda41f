import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox, tryPolicy } from '../../sandbox/sandbox.ts';
import { assumeRoleCommand } from '../../src/commands/session/assume-role.ts';
import { fakeIo } from '../support/fake-io.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::222222222222:oidc-provider/gitlab.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { 'gitlab.com:aud': 'my-audience', 'gitlab.com:ref_protected': 'true' },
        StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:ref_type:branch:ref:*' },
      },
    },
  ],
});

async function exchange(role: string, audience: string, refProtected: boolean) {
  const token = await sandbox.issuer.mint({
    audience,
    job: { ref: 'release', refProtected },
    claims: { iss: 'https://gitlab.com' },
  });
  const io = fakeIo({ GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: sandbox.sts.url });
  return { exitCode: await assumeRoleCommand(io, { inputs: { role_arn: role } }), log: io.text() };
}

describe("a user's own policy in the sandbox", () => {
  it('decides about tokens in the name of its issuer, as IAM would', async () => {
    const role = tryPolicy(sandbox, policy);
    expect(role).toBe('arn:aws:iam::222222222222:role/tried');
    expect((await exchange(role, 'my-audience', true)).exitCode).toBe(0);
    const refused = await exchange(role, 'my-audience', false);
    expect(refused.exitCode).toBe(1);
    expect(refused.log).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
    expect(refused.log).toContain('The token\'s ref_protected is "false"');
    expect((await exchange(role, 'https://vault.example.com', true)).log).toContain(
      'Incorrect token audience',
    );
  });

  it('is refused where it is no policy', () => {
    expect(() => tryPolicy(sandbox, '{}')).toThrow('no trust policy found');
  });
});
