import { parse as parseHcl } from '@cdktf/hcl2json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainedRole, chainedPolicy } from '../../src/trust-policy/chained-role.ts';
import { trustRequest } from '../../src/trust-policy/context.ts';
import { evaluate } from '../../src/trust-policy/evaluate.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { generatePolicy, type TrustTarget } from '../../src/trust-policy/generate.ts';
import { lint } from '../../src/trust-policy/lint.ts';
import { formatChainedRole, formatRole } from '../../src/trust-policy/write-role.ts';

const target: TrustTarget = {
  issuer: 'https://gitlab.com',
  audience: 'https://gitlab.com',
  account: '111111111111',
  partition: 'aws',
  subjects: ['project_path:acme/shop:ref_type:branch:ref:main'],
  claims: { project_id: '20', namespace_id: '72', ref_protected: 'true' },
  roleName: 'deploy',
  maxSessionSeconds: 3600,
  withProvider: true,
};

const claims = {
  iss: 'https://gitlab.com',
  aud: 'https://gitlab.com',
  sub: target.subjects[0],
  project_id: '20',
  namespace_id: '72',
  ref_protected: 'true',
};

function allows(over: Partial<TrustTarget>, token: Readonly<Record<string, unknown>>): boolean {
  const [found] = findPolicies(JSON.stringify(generatePolicy({ ...target, ...over })));
  const request = trustRequest(token, target, new Date('2026-01-01T00:00:00Z'));
  return evaluate(found!.policy, request).allowed;
}

// what git allows in the name of a branch, the characters that mean something elsewhere among it
const ref = fc.string({
  unit: fc.constantFrom('a', '/', '-', '.', '$', '{', '}', '%', '"', "'", '`', '!', '#', '&', ';', 'ü', '😀'),
  minLength: 1,
  maxLength: 20,
});

describe('generatePolicy', () => {
  it('pins the claims that identify a ref on gitlab.com', () => {
    expect(generatePolicy(target)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              'gitlab.com:sub': target.subjects[0],
              'gitlab.com:aud': 'https://gitlab.com',
              'gitlab.com:project_id': '20',
              'gitlab.com:namespace_id': '72',
              'gitlab.com:ref_protected': 'true',
            },
          },
        },
      ],
    });
  });

  it.each([
    ['the token', {}, true],
    ['another branch', { sub: `${target.subjects[0]}2` }, false],
    ['the same path with another id', { project_id: '21' }, false],
    ['the same path in another group', { namespace_id: '73' }, false],
    ['an unprotected ref', { ref_protected: 'false' }, false],
    ['another audience', { aud: 'https://vault.example.com' }, false],
    ['another issuer', { iss: 'https://gitlab.example.com' }, false],
  ])('decides correctly for %s', (_, over, allowed) => {
    expect(allows({}, { ...claims, ...over })).toBe(allowed);
  });

  it('passes its own lint and allows exactly its token, whatever the ref is called', () => {
    fc.assert(
      fc.property(ref, fc.boolean(), (name, onGitlabCom) => {
        const issuer = onGitlabCom ? 'https://gitlab.com' : 'https://gitlab.example.com:8443/git';
        const subject = `project_path:acme/shop:ref_type:branch:ref:${name}`;
        const over = {
          issuer,
          audience: issuer,
          subjects: [subject],
          claims: onGitlabCom ? target.claims : {},
        };
        const [found] = findPolicies(JSON.stringify(generatePolicy({ ...target, ...over })));
        expect(lint(found!)).toEqual([]);
        const token = { ...claims, iss: issuer, aud: issuer, sub: subject };
        expect(allows(over, token)).toBe(true);
        expect(allows(over, { ...token, sub: `${subject}x` })).toBe(false);
      }),
    );
  });

  it('uses a pattern only for a star', () => {
    const over = { subjects: ['project_path:acme/shop:ref_type:tag:ref:v*'] };
    const tag = (name: string) => ({ ...claims, sub: `project_path:acme/shop:ref_type:tag:ref:${name}` });
    expect(allows(over, tag('v1.0'))).toBe(true);
    expect(allows(over, tag('x1.0'))).toBe(false);
  });
});

describe('formatRole', () => {
  it('prints only the trust policy as JSON', () => {
    expect(JSON.parse(formatRole('json', target))).toEqual(generatePolicy(target));
  });

  it('prints a CloudFormation template that findPolicies can read', () => {
    const text = formatRole('cloudformation', target);
    const { Resources } = JSON.parse(text);
    expect(Resources.Provider).toEqual({
      Type: 'AWS::IAM::OIDCProvider',
      Properties: { Url: 'https://gitlab.com', ClientIdList: ['https://gitlab.com'] },
    });
    expect(Resources.Role).toMatchObject({
      DependsOn: 'Provider',
      Properties: { RoleName: 'deploy', MaxSessionDuration: 3600 },
    });
    expect(findPolicies(text).map(({ json }) => json)).toEqual([generatePolicy(target)]);
    expect(findPolicies(text).flatMap(lint)).toEqual([]);
  });

  it('omits the provider if the account has it', () => {
    const { Resources } = JSON.parse(formatRole('cloudformation', { ...target, withProvider: false }));
    expect(Object.keys(Resources)).toEqual(['Role']);
    expect(Resources.Role).not.toHaveProperty('DependsOn');
    expect(formatRole('terraform', { ...target, withProvider: false })).not.toContain(
      'aws_iam_openid_connect_provider',
    );
  });

  it('prints Terraform configuration that its parser reads', async () => {
    const hcl = await parseHcl('role.tf', formatRole('terraform', target));
    expect(hcl.resource.aws_iam_openid_connect_provider.this).toEqual([
      { url: 'https://gitlab.com', client_id_list: ['https://gitlab.com'] },
    ]);
    const [role] = hcl.resource.aws_iam_role.this;
    expect(role).toMatchObject({ name: 'deploy', max_session_duration: 3600 });
    expect(role.assume_role_policy).toContain('Federated = aws_iam_openid_connect_provider.this.arn');
  });

  it('escapes text that has a meaning in HCL', async () => {
    const subject = 'project_path:acme/shop:ref_type:branch:ref:a${b}%{c}"d';
    const text = formatRole('terraform', { ...target, subjects: [subject], withProvider: false });
    // as a value of its own, since the parser gives the argument of jsonencode back as it is written
    const [, written = ''] = /"gitlab\.com:sub"\s*= (".*")/.exec(text) ?? [];
    const { locals } = await parseHcl('x.tf', `locals { sub = ${written} }`);
    expect(locals[0].sub.replaceAll('$${', '${').replaceAll('%%{', '%{').replaceAll('\\"', '"')).toBe(
      subject.replace('${', '${$}{'),
    );
  });

  const permissions = {
    policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::111111111111:policy/x'],
    inline: { name: 'gitlab-ci', policy: { Version: '2012-10-17', Statement: [{ Action: 's3:Get${x}' }] } },
    permissionsBoundary: 'arn:aws:iam::111111111111:policy/boundary',
  };

  it('adds permissions to the CloudFormation template', () => {
    const { Resources } = JSON.parse(formatRole('cloudformation', target, permissions));
    expect(Resources.Role.Properties).toMatchObject({
      ManagedPolicyArns: permissions.policyArns,
      Policies: [{ PolicyName: 'gitlab-ci', PolicyDocument: permissions.inline.policy }],
      PermissionsBoundary: permissions.permissionsBoundary,
    });
  });

  it('adds permissions to the Terraform configuration', async () => {
    const { resource } = await parseHcl('role.tf', formatRole('terraform', target, permissions));
    expect(resource.aws_iam_role.this[0].permissions_boundary).toBe(permissions.permissionsBoundary);
    expect(resource.aws_iam_role_policy_attachment.this[0]).toMatchObject({
      for_each: expect.stringContaining(permissions.policyArns.join('", "')),
      role: '${aws_iam_role.this.name}',
    });
    const [own] = resource.aws_iam_role_policy.this;
    expect(own.name).toBe('gitlab-ci');
    expect(own.policy).toContain('s3:Get$${x}');
  });
});

describe('the trust policy of a chained role', () => {
  const hub = 'arn:aws:iam::111111111111:role/hub';
  const chained: ChainedRole = {
    chainedFrom: [hub],
    externalId: undefined,
    sessionTags: false,
    sourceIdentity: false,
    roleName: 'deploy',
  };
  const assume = { Effect: 'Allow', Principal: { AWS: hub }, Action: 'sts:AssumeRole' };

  it.each<[string, Partial<ChainedRole>, readonly object[]]>([
    ['nothing more', {}, [assume]],
    [
      'an external ID, of that action only',
      { externalId: 'shop-42', sessionTags: true },
      [
        { ...assume, Condition: { StringEquals: { 'sts:ExternalId': 'shop-42' } } },
        { ...assume, Action: 'sts:TagSession' },
      ],
    ],
    [
      'tags and a source identity',
      { sessionTags: true, sourceIdentity: true },
      [assume, { ...assume, Action: ['sts:TagSession', 'sts:SetSourceIdentity'] }],
    ],
    [
      'several roles',
      { chainedFrom: [hub, `${hub}2`] },
      [{ ...assume, Principal: { AWS: [hub, `${hub}2`] } }],
    ],
  ])('allows sts:AssumeRole with %s', (_, over, statements) => {
    const policy = chainedPolicy({ ...chained, ...over });
    expect(policy).toEqual({ Version: '2012-10-17', Statement: statements });
    expect(findPolicies(JSON.stringify(policy)).flatMap(lint)).toEqual([]);
  });

  it('is part of a template without a provider', async () => {
    const { Resources } = JSON.parse(formatChainedRole('cloudformation', chained));
    expect(Resources).toEqual({
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'deploy',
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: chainedPolicy(chained),
        },
      },
    });
    const { resource } = await parseHcl('role.tf', formatChainedRole('terraform', chained));
    expect(Object.keys(resource)).toEqual(['aws_iam_role']);
  });
});
