import { describe, expect, it } from 'vitest';
import { checkAccess, isAsWanted } from '../../../src/commands/setup/access-check.ts';
import { policyFrom } from '../../../src/commands/setup/verify-role.ts';
import { readTrustTarget } from '../../../src/commands/trust-policy/trust-target.ts';
import { generatePolicy } from '../../../src/trust-policy/generate.ts';

const now = new Date('2026-03-01T12:00:00Z');
const selfManaged = { issuer: 'https://gitlab.example.com', account: '111111111111', project: 'acme/shop' };
const gitlabCom = { ...selfManaged, issuer: 'https://gitlab.com', projectId: '20', namespaceId: '72' };

const cases = [
  ['a branch of a self-managed instance', selfManaged, { branch: ['main'], tag: [] }],
  ['several branches', selfManaged, { branch: ['main', 'next'], tag: [] }],
  ['a tag', selfManaged, { branch: [], tag: ['v1'] }],
  ['a branch of gitlab.com', gitlabCom, { branch: ['main'], tag: [] }],
  ['patterns of branches and tags', gitlabCom, { branch: ['release/*'], tag: ['v*'] }],
] as const;

describe('checkAccess', () => {
  it.each(cases)('finds the generated policy for %s as wanted', (_, project, { branch, tag }) => {
    const target = readTrustTarget({ ...project, branch, tag }, {});
    const trusted = { path: project.project, branches: branch, tags: tag };
    const checks = checkAccess(policyFrom(generatePolicy(target)), target, trusted, now);
    expect(checks.filter(({ wanted }) => wanted)).toHaveLength(branch.length + tag.length);
    expect(checks.filter(({ wanted }) => !wanted).length).toBeGreaterThanOrEqual(4);
    expect(isAsWanted(checks)).toBe(true);
  });

  it.each([
    [
      'every project',
      'project_path:*',
      ['another branch', 'a tag', 'branch main of a fork', 'branch main of another project'],
    ],
    ['every ref', 'project_path:acme/shop:*', ['another branch', 'a tag']],
    ['the group', 'project_path:acme/*', ['another branch', 'a tag', 'branch main of another project']],
    ['nobody', 'project_path:acme/other:ref_type:branch:ref:main', ['branch main']],
  ])('notices a policy that allows %s', (_, sub, wrong) => {
    const target = readTrustTarget({ ...selfManaged, branch: ['main'] }, {});
    const policy = policyFrom({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.example.com' },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: { 'gitlab.example.com:aud': 'https://gitlab.example.com' },
            StringLike: { 'gitlab.example.com:sub': sub },
          },
        },
      ],
    });
    const checks = checkAccess(policy, target, { path: 'acme/shop', branches: ['main'], tags: [] }, now);
    const found = checks.filter(({ wanted, decision }) => wanted !== (decision === 'allow'));
    expect(found.map(({ job }) => job)).toEqual(wrong);
    expect(isAsWanted(checks)).toBe(false);
  });
});
