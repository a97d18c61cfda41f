import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';

const directory = mkdtempSync(join(tmpdir(), 'account-'));
const env = { PATH: process.env.PATH ?? '', HOME: directory };
const run = (program: string, ...args: readonly string[]) =>
  runProgram(nodeUnderTest, [join(root, 'dist', program), ...args], env, directory);

const role = {
  RoleName: 'open',
  Arn: 'arn:aws:iam::111111111111:role/open',
  RoleLastUsed: {},
  RolePolicyList: [],
  AttachedManagedPolicies: [],
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' } },
      },
    ],
  },
};

describe('dist/aws-oidc.mjs', () => {
  it('audits a file', async () => {
    writeFileSync(join(directory, 'roles.json'), JSON.stringify({ RoleDetailList: [role], Policies: [] }));
    const { exitCode, stdout, stderr } = await run('aws-oidc.mjs', 'audit', 'roles.json');
    expect(stdout).toContain('any project on gitlab.com');
    expect(stderr).toBe('');
    expect(exitCode).toBe(1);
  });

  it('prints a template for a project without any credentials', async () => {
    const target = ['--issuer', 'https://gitlab.example.com', '--project', 'acme/shop', '--branch', 'main'];
    const output = ['--account', '111111111111', '--output', 'terraform'];
    const { exitCode, stdout, stderr } = await run('aws-oidc.mjs', 'setup', ...target, ...output);
    expect(stdout).toContain('resource "aws_iam_role" "this"');
    expect(stderr).toContain('GitLab could not be asked about the project');
    expect(exitCode).toBe(0);
  });

  it('has no AWS credentials here, and says what to do', async () => {
    const { exitCode, stderr } = await run('aws-oidc.mjs', 'audit', '--profile', 'nowhere');
    expect(stderr).toContain('✘ The AWS profile "nowhere" provides no credentials.');
    expect(exitCode).toBe(2);
  });
});

describe('dist/audit.mjs', () => {
  it('checks its inputs like the other jobs', async () => {
    const { exitCode, stdout } = await run('audit.mjs');
    expect(stdout).toMatch(/✘ 2 invalid inputs\. Nothing was sent\.\n.*"role_arn" must not be empty/s);
    expect(exitCode).toBe(2);
  });
});
