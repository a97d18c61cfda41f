import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { lint } from '../../src/trust-policy/lint.ts';
import { withExamples } from '../../src/trust-policy/placeholders.ts';
import { tightenedPolicy } from '../../src/trust-policy/tighten.ts';

type Json = Record<string, unknown>;

const provider = (host: string) => ({ Federated: `arn:aws:iam::111111111111:oidc-provider/${host}` });
const main = 'project_path:acme/shop:ref_type:branch:ref:main';
const github = 'token.actions.githubusercontent.com';
const cluster = 'oidc.eks.eu-central-1.amazonaws.com/id/AAAA';

function statement(Condition: unknown, host = 'gitlab.com', over: Json = {}) {
  return {
    Effect: 'Allow',
    Principal: provider(host),
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition,
    ...over,
  };
}

function tighten(...statements: readonly unknown[]) {
  const [found] = findPolicies(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  return tightenedPolicy(found!);
}

/** The conditions of the only statement, and the names of the placeholders. */
function conditionsOf(result: ReturnType<typeof tighten>) {
  const [only] = result!.policy.Statement as readonly Json[];
  return [only?.Condition, result?.placeholders.map(({ name }) => name)];
}

const findingsIn = (policy: unknown) => findPolicies(JSON.stringify(policy)).flatMap(lint);

describe('tightenedPolicy', () => {
  it.each<[string, unknown, string | undefined, unknown, readonly string[]]>([
    [
      'a missing sub and aud',
      {},
      undefined,
      {
        StringEquals: {
          'gitlab.com:aud': 'https://gitlab.com',
          'gitlab.com:sub': 'project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH',
          'gitlab.com:project_id': 'PROJECT_ID',
        },
      },
      ['GROUP', 'PROJECT', 'BRANCH', 'PROJECT_ID'],
    ],
    [
      'a whole group',
      {
        StringEquals: { 'gitlab.com:aud': 'a' },
        StringLike: { 'gitlab.com:sub': 'project_path:acme/*:ref_type:tag:ref:v1' },
      },
      undefined,
      {
        StringEquals: {
          'gitlab.com:aud': 'a',
          'gitlab.com:sub': 'project_path:acme/PROJECT:ref_type:tag:ref:v1',
          'gitlab.com:project_id': 'PROJECT_ID',
        },
      },
      ['PROJECT', 'PROJECT_ID'],
    ],
    [
      'one broad value of a list',
      { StringLike: { 'gitlab.com:sub': [main, 'project_path:acme/shop:*'], 'gitlab.com:project_id': '20' } },
      undefined,
      {
        StringLike: { 'gitlab.com:project_id': '20' },
        StringEquals: {
          'gitlab.com:aud': 'https://gitlab.com',
          'gitlab.com:sub': [main, 'project_path:acme/shop:ref_type:branch:ref:BRANCH'],
        },
      },
      ['BRANCH'],
    ],
    [
      'an exact sub without an audience',
      { StringEquals: { 'git.example.com:sub': main } },
      'git.example.com',
      { StringEquals: { 'git.example.com:aud': 'https://git.example.com', 'git.example.com:sub': main } },
      [],
    ],
    [
      'protected tags, which stay a pattern',
      {
        StringEquals: { 'gitlab.com:ref_protected': 'true', 'gitlab.com:project_id': '20' },
        StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:ref_type:tag:ref:v*' },
      },
      undefined,
      {
        StringEquals: {
          'gitlab.com:ref_protected': 'true',
          'gitlab.com:project_id': '20',
          'gitlab.com:aud': 'https://gitlab.com',
        },
        StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:ref_type:tag:ref:v*' },
      },
      [],
    ],
    [
      'a condition that an absent claim meets',
      {
        'ForAllValues:StringEquals': { 'gitlab.com:sub': main, 'gitlab.com:project_id': '20' },
        StringEqualsIfExists: { 'gitlab.com:aud': 'https://gitlab.com' },
      },
      undefined,
      {
        StringEquals: {
          'gitlab.com:project_id': '20',
          'gitlab.com:aud': 'https://gitlab.com',
          'gitlab.com:sub': main,
        },
      },
      [],
    ],
    [
      'a wildcard under StringEquals',
      { StringEquals: { 'gitlab.com:sub': 'project_path:acme/shop:*', 'gitlab.com:project_id': '20' } },
      undefined,
      {
        StringEquals: {
          'gitlab.com:project_id': '20',
          'gitlab.com:aud': 'https://gitlab.com',
          'gitlab.com:sub': 'project_path:acme/shop:ref_type:branch:ref:BRANCH',
        },
      },
      ['BRANCH'],
    ],
    [
      'any repository of GitHub',
      {
        StringEquals: { [`${github}:aud`]: 'sts.amazonaws.com' },
        IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
      },
      github,
      {
        IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
        StringEquals: {
          [`${github}:aud`]: 'sts.amazonaws.com',
          [`${github}:sub`]: 'repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH',
        },
      },
      ['OWNER', 'REPOSITORY', 'BRANCH'],
    ],
    [
      'any service account of a namespace',
      { StringLike: { [`${cluster}:sub`]: 'system:serviceaccount:prod:*' } },
      cluster,
      {
        StringEquals: {
          [`${cluster}:aud`]: 'sts.amazonaws.com',
          [`${cluster}:sub`]: 'system:serviceaccount:prod:SERVICE_ACCOUNT',
        },
      },
      ['SERVICE_ACCOUNT'],
    ],
    [
      'an issuer of an unknown service',
      {},
      'ci.example.com',
      { StringEquals: { 'ci.example.com:aud': 'https://ci.example.com', 'ci.example.com:sub': 'SUBJECT' } },
      ['SUBJECT'],
    ],
    [
      'a whole organization of CircleCI, whose jobs have a user',
      { StringLike: { 'oidc.circleci.com/org/a:sub': 'org/a/*' } },
      'oidc.circleci.com/org/a',
      {
        StringEquals: { 'oidc.circleci.com/org/a:aud': 'a' },
        StringLike: { 'oidc.circleci.com/org/a:sub': 'org/a/project/PROJECT_ID/user/*' },
      },
      ['PROJECT_ID'],
    ],
  ])('corrects %s', (_, condition, host, expected, placeholders) => {
    const result = tighten(statement(condition, host));
    expect(conditionsOf(result)).toEqual([expected, placeholders]);
    expect(findingsIn(withExamples(result?.policy))).toEqual([]);
  });

  it.each<[string, readonly unknown[]]>([
    [
      'a policy without findings',
      [
        statement(
          { StringEquals: { 'git.example.com:aud': 'x', 'git.example.com:sub': main } },
          'git.example.com',
        ),
      ],
    ],
    ['a principal that is everyone', [statement({}, 'gitlab.com', { Principal: '*' })]],
    [
      'an AWS account as a principal, too',
      [statement({}, 'gitlab.com', { Principal: { ...provider('gitlab.com'), AWS: '111111111111' } })],
    ],
    [
      'a condition that is never met',
      [statement({ StringEquals: { 'gitlab.com:sub': main, 'sts:ExternalId': 'x' } })],
    ],
    ["another issuer's key", [statement({ StringEquals: { 'https://gitlab.com:sub': main } })]],
    [
      'pull requests',
      [statement({ StringEquals: { [`${github}:sub`]: 'repo:acme/shop:pull_request' } }, github)],
    ],
    ['a syntax error', [statement({}, 'gitlab.com', { Resource: '*' })]],
  ])('leaves to a person: %s', (_, statements) => {
    expect(tighten(...statements)).toBeUndefined();
  });

  it('keeps Deny statements, other principals, exact statements and Sids', () => {
    const others = [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      statement(
        { StringEquals: { 'git.example.com:aud': 'x', 'git.example.com:sub': main } },
        'git.example.com',
      ),
    ];
    const open = statement({}, 'gitlab.com', {
      Sid: 'Ci',
      Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
    });
    const result = tighten(...others, open);
    expect((result!.policy.Statement as readonly unknown[]).slice(0, 3)).toEqual(others);
    expect(result?.policy.Statement).toHaveLength(4);
    expect(result?.policy.Statement).toMatchObject([
      {},
      {},
      {},
      { Sid: 'Ci', Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'] },
    ]);
  });

  it('writes a statement for each of several providers', () => {
    const both = {
      Federated: [...Object.values(provider('gitlab.com')), ...Object.values(provider(github))],
    };
    const open = tighten(statement({}, '', { Principal: both, Sid: 'Ci' }));
    expect(open?.policy.Statement).toMatchObject([
      { Principal: provider('gitlab.com') },
      { Principal: provider(github) },
    ]);
    expect(JSON.stringify(open)).not.toContain('Sid');
  });

  it('is clean with every placeholder filled in, whatever the policy was', () => {
    const hosts = fc.constantFrom(
      'gitlab.com',
      'git.example.com',
      github,
      cluster,
      'app.terraform.io',
      'oidc.circleci.com/org/a',
    );
    const subjects = fc.constantFrom(
      ...[
        '*',
        main,
        'project_path:acme/*',
        'project_path:acme*',
        'repo:*',
        'repo:acme/*',
        'repo:acme/shop:*',
        'org/a/*',
      ],
      ...[
        'system:serviceaccount:*',
        'system:serviceaccount:prod:*',
        'organization:acme:*',
        'project_path:a/b:ref:main',
        '${gitlab.com:sub}',
      ],
    );
    const policies = fc
      .record({
        host: hosts,
        sub: fc.option(fc.array(subjects, { minLength: 1, maxLength: 2 }), { nil: undefined }),
        operator: fc.constantFrom(
          'StringLike',
          'StringEquals',
          'ForAllValues:StringLike',
          'StringEqualsIfExists',
          'StringEqualsIgnoreCase',
        ),
        aud: fc.constantFrom(undefined, 'x', '*'),
        Action: fc.constantFrom('sts:AssumeRoleWithWebIdentity', 'sts:*', '*'),
        version: fc.constantFrom('2012-10-17', '2008-10-17'),
      })
      .map(({ host, sub, operator, aud, Action, version }) => {
        const conditions = {
          ...(aud !== undefined && { StringLike: { [`${host}:aud`]: aud } }),
          ...(sub !== undefined && { [operator]: { [`${host}:sub`]: sub } }),
        };
        return { Version: version, Statement: statement(conditions, host, { Action }) };
      });
    let corrected = 0;
    fc.assert(
      fc.property(policies, (policy) => {
        const [found] = findPolicies(JSON.stringify(policy));
        const result = tightenedPolicy(found!);
        if (result === undefined) return;
        corrected++;
        expect(findingsIn(withExamples(result.policy))).toEqual([]);
        const text = JSON.stringify(result.policy);
        for (const { name } of result.placeholders) expect(text).toContain(name);
      }),
      { numRuns: 1000 },
    );
    expect(corrected).toBeGreaterThan(500);
  });
});
