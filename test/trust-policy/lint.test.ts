import { describe, expect, it } from 'vitest';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { isAtLeast, lint } from '../../src/trust-policy/lint.ts';
import { severities } from '../../src/trust-policy/rule.ts';
import { rules } from '../../src/trust-policy/rules.ts';

type Json = Record<string, unknown>;

const main = 'project_path:acme/shop:ref_type:branch:ref:main';
const circleci = 'oidc.circleci.com/org/aaaa';

const provider = (host: string) => ({ Federated: `arn:aws:iam::111111111111:oidc-provider/${host}` });

function policy(condition: Json, over: Json = {}, host = 'gitlab.com') {
  const statement = {
    Effect: 'Allow',
    Principal: provider(host),
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: condition,
    ...over,
  };
  return { Version: '2012-10-17', Statement: [statement] };
}

function rulesBroken(document: unknown): readonly string[] {
  return findPolicies(JSON.stringify(document)).flatMap((found) => lint(found).map(({ rule }) => rule));
}

/** A policy of gitlab.com in which all but `sub` is as it should be. */
function withSubject(sub: unknown, operator = 'StringLike', more: Json = {}) {
  const exact: Json = { 'gitlab.com:aud': 'https://gitlab.com', ...more };
  if (operator === 'StringEquals') return policy({ StringEquals: { ...exact, 'gitlab.com:sub': sub } });
  return policy({ StringEquals: exact, [operator]: { 'gitlab.com:sub': sub } });
}

const ids = { 'gitlab.com:project_id': '20' };
const isProtected = { 'gitlab.com:ref_protected': 'true' };

describe('policies without findings', () => {
  it.each<[string, unknown]>([
    [
      'one ref of one project, with ids',
      policy({
        StringEquals: {
          'gitlab.com:aud': 'https://gitlab.com',
          'gitlab.com:sub': main,
          ...ids,
          ...isProtected,
        },
      }),
    ],
    [
      'protected refs by a pattern',
      policy({
        StringEquals: { 'gitlab.com:aud': 'https://gitlab.com', ...ids, ...isProtected },
        StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:ref_type:tag:ref:v*' },
      }),
    ],
    [
      'any protected branch',
      policy({
        StringEquals: { 'gitlab.com:aud': 'https://gitlab.com', ...ids, ...isProtected },
        StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:ref_type:branch:ref:*' },
      }),
    ],
    [
      'a broad pattern beside an exact value, which is what counts',
      policy({
        StringEquals: { 'gitlab.com:aud': 'https://gitlab.com', 'gitlab.com:sub': main, ...ids },
        StringLike: { 'gitlab.com:sub': 'project_path:acme/*' },
      }),
    ],
    [
      'a self-managed instance, where there are only sub and aud',
      policy(
        {
          StringEquals: {
            'gitlab.example.com:aud': 'https://gitlab.example.com',
            'gitlab.example.com:sub': main,
          },
        },
        {},
        'gitlab.example.com',
      ),
    ],
    [
      'a project of CircleCI',
      policy(
        {
          StringEquals: { [`${circleci}:aud`]: 'aaaa' },
          StringLike: { [`${circleci}:sub`]: 'org/aaaa/project/bbbb/user/*' },
        },
        {},
        circleci,
      ),
    ],
    [
      'another role of the account',
      policy({}, { Principal: { AWS: 'arn:aws:iam::111111111111:root' }, Action: 'sts:AssumeRole' }),
    ],
    ['a service', policy({}, { Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' })],
    [
      'a Deny for everybody else',
      policy({ StringNotEquals: { 'gitlab.com:ref_protected': 'true' } }, { Effect: 'Deny', Principal: '*' }),
    ],
    [
      'a condition of AWS itself',
      policy({
        StringEquals: { 'gitlab.com:aud': 'https://gitlab.com', 'gitlab.com:sub': main, ...ids },
        StringLike: { 'aws:SourceIp': '*' },
      }),
    ],
    [
      'claims of GitHub, which AWS maps',
      policy(
        {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'https://token.actions.githubusercontent.com',
            'token.actions.githubusercontent.com:sub': 'repo:acme/shop:ref:refs/heads/main',
            'token.actions.githubusercontent.com:repository_id': '1',
          },
        },
        {},
        'token.actions.githubusercontent.com',
      ),
    ],
  ])('%s', (_, document) => {
    expect(rulesBroken(document)).toEqual([]);
  });
});

const dangers: [string, string, unknown][] = [
  ['no sub', 'subject-missing', policy({ StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' } })],
  ['no condition at all', 'subject-missing', policy({})],
  ['a sub that is only excluded', 'subject-missing', withSubject(main, 'StringNotEquals')],
  [
    'a sub that must only exist',
    'subject-missing',
    policy({
      StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' },
      Null: { 'gitlab.com:sub': 'false' },
    }),
  ],
  ['every project', 'subject-any-project', withSubject('project_path:*')],
  ['everything', 'subject-any-project', withSubject('*')],
  ['every project, from within the name', 'subject-any-project', withSubject('project_p*')],
  ['every project by id', 'subject-any-project', withSubject('project_id:*')],
  ['a group without a slash', 'subject-group-prefix', withSubject('project_path:mygroup*')],
  [
    'a group without a slash, and a ref',
    'subject-group-prefix',
    withSubject('project_path:mygroup*:ref_type:branch:ref:main'),
  ],
  ['a whole group', 'subject-whole-group', withSubject('project_path:mygroup/*')],
  [
    'a whole group, one branch',
    'subject-whole-group',
    withSubject('project_path:mygroup/*:ref_type:branch:ref:main'),
  ],
  ['a whole subgroup', 'subject-whole-group', withSubject('project_path:a/b/*')],
  ['projects by a prefix', 'subject-project-prefix', withSubject('project_path:mygroup/app-*')],
  ['a project without its end', 'subject-project-prefix', withSubject('project_path:mygroup/shop*')],
  [
    'a question mark in the path',
    'subject-project-prefix',
    withSubject('project_path:mygroup/sho?:ref_type:branch:ref:main'),
  ],
  [
    'every ref type',
    'subject-any-ref-type',
    withSubject('project_path:acme/shop:ref_type:*', 'StringLike', ids),
  ],
  [
    'every ref type, one name',
    'subject-any-ref-type',
    withSubject('project_path:acme/shop:ref_type:*:ref:main', 'StringLike', ids),
  ],
  [
    'everything of a project',
    'subject-any-ref-type',
    withSubject('project_path:acme/shop:*', 'StringLike', ids),
  ],
  [
    'every ref type, protected',
    'subject-any-ref-type',
    withSubject('project_path:acme/shop:*', 'StringLike', { ...ids, ...isProtected }),
  ],
  [
    'every branch',
    'subject-any-ref',
    withSubject('project_path:acme/shop:ref_type:branch:ref:*', 'StringLike', ids),
  ],
  [
    'every branch where unprotected ones are wanted',
    'subject-any-ref',
    withSubject('project_path:acme/shop:ref_type:branch:ref:*', 'StringLike', {
      ...ids,
      'gitlab.com:ref_protected': 'false',
    }),
  ],
  [
    'branches by a prefix',
    'subject-some-refs',
    withSubject('project_path:acme/shop:ref_type:branch:ref:main*', 'StringLike', ids),
  ],
  [
    'one broad value of a list',
    'subject-whole-group',
    withSubject([main, 'project_path:acme/*'], 'StringLike', {}),
  ],
  [
    'a broad pattern under ForAnyValue',
    'subject-whole-group',
    withSubject('project_path:acme/*', 'ForAnyValue:StringLike'),
  ],
  [
    'a whole organization of CircleCI',
    'subject-whole-group',
    policy(
      { StringEquals: { [`${circleci}:aud`]: 'aaaa' }, StringLike: { [`${circleci}:sub`]: 'org/aaaa/*' } },
      {},
      circleci,
    ),
  ],
  [
    'every project of an organization of CircleCI',
    'subject-whole-group',
    policy(
      {
        StringEquals: { [`${circleci}:aud`]: 'aaaa' },
        StringLike: { [`${circleci}:sub`]: 'org/aaaa/project/*' },
      },
      {},
      circleci,
    ),
  ],
  [
    'every organization of CircleCI',
    'subject-any-project',
    policy(
      { StringEquals: { [`${circleci}:aud`]: 'aaaa' }, StringLike: { [`${circleci}:sub`]: 'org/*' } },
      {},
      circleci,
    ),
  ],
  [
    'a form that GitLab does not have',
    'subject-wildcard',
    withSubject('repo:acme/shop:*'.replace('repo:', 'repo/'), 'StringLike', ids),
  ],
  [
    'a wildcard under StringEquals',
    'wildcard-under-equals',
    withSubject('project_path:acme/*', 'StringEquals'),
  ],
  [
    'a wildcard under ForAnyValue:StringEquals',
    'wildcard-under-equals',
    withSubject('project_path:acme/*', 'ForAnyValue:StringEquals'),
  ],
  [
    'a wildcard in a Deny',
    'wildcard-under-equals',
    policy({ StringEquals: { 'gitlab.com:sub': 'project_path:evil/*' } }, { Effect: 'Deny' }),
  ],
  ['ForAllValues in an Allow', 'for-all-values-in-allow', withSubject(main, 'ForAllValues:StringEquals')],
  ['IfExists on sub', 'if-exists-on-identity', withSubject(main, 'StringEqualsIfExists')],
  [
    'IfExists on aud',
    'if-exists-on-identity',
    policy({
      StringEqualsIfExists: { 'gitlab.com:aud': 'https://gitlab.com' },
      StringEquals: { 'gitlab.com:sub': main },
    }),
  ],
  [
    "another issuer's key",
    'foreign-condition-key',
    policy({ StringEquals: { 'gitlab.example.com:sub': main } }),
  ],
  ['a key with https', 'foreign-condition-key', policy({ StringEquals: { 'https://gitlab.com:sub': main } })],
  [
    'a key that gitlab.com has not',
    'unmapped-condition-key',
    withSubject(main, 'StringEquals', { 'gitlab.com:environment': 'production' }),
  ],
  [
    'project_id of a self-managed instance',
    'unmapped-condition-key',
    policy(
      { StringEquals: { 'gitlab.example.com:sub': main, 'gitlab.example.com:project_id': '20' } },
      {},
      'gitlab.example.com',
    ),
  ],
  [
    'a claim that CircleCI has and AWS does not map',
    'unmapped-condition-key',
    policy(
      { StringEquals: { [`${circleci}:sub`]: 'x', [`${circleci}:oidc.circleci.com/vcs-ref`]: 'x' } },
      {},
      circleci,
    ),
  ],
  ['everybody as principal', 'principal-anyone', policy({}, { Principal: '*' })],
  ['everybody of AWS', 'principal-anyone', policy({}, { Principal: { AWS: '*' } })],
  ['every provider', 'principal-anyone', policy({}, { Principal: { Federated: '*' } })],
  [
    'everybody but one',
    'principal-anyone',
    policy({}, { Principal: undefined, NotPrincipal: provider('x') }),
  ],
  ['no audience', 'audience-unpinned', policy({ StringEquals: { 'gitlab.com:sub': main } })],
  [
    'an audience with a wildcard',
    'audience-unpinned',
    policy({ StringEquals: { 'gitlab.com:sub': main }, StringLike: { 'gitlab.com:aud': 'https://*' } }),
  ],
  ['a name without an id', 'name-without-id', withSubject(main, 'StringEquals')],
  [
    'an id under a negation',
    'name-without-id',
    policy({
      StringEquals: { 'gitlab.com:sub': main },
      NumericNotEquals: { 'gitlab.com:project_id': '1' },
    }),
  ],
  ['an operator that there is not', 'unknown-operator', withSubject(main, 'StringMatches')],
  ['a subject without a ref', 'subject-incomplete', withSubject('project_path:acme/shop', 'StringEquals')],
  [
    'a ref with refs/heads',
    'subject-incomplete',
    withSubject('project_path:acme/shop:ref_type:branch:ref:refs/heads/main', 'StringEquals'),
  ],
  [
    'every action',
    'action-too-broad',
    policy({ StringEquals: { 'gitlab.com:sub': main } }, { Action: 'sts:*' }),
  ],
  ['what IAM would refuse', 'policy-syntax', policy({}, { Resource: '*' })],
  [
    'an old version',
    'version-old',
    { ...policy({ StringEquals: { 'gitlab.com:sub': main } }), Version: undefined },
  ],
  [
    'more than IAM takes',
    'policy-too-large',
    policy({ StringEquals: { 'gitlab.com:sub': Array(100).fill(main) } }),
  ],
];

const beside = (more: Json, over: Json = {}) =>
  policy(
    { StringEquals: { 'gitlab.com:aud': 'https://gitlab.com', 'gitlab.com:sub': main, ...ids }, ...more },
    over,
  );

dangers.push(
  ['the sub, compared with itself', 'subject-any-project', withSubject('${gitlab.com:sub}', 'StringEquals')],
  [
    'a key that only principals have',
    'condition-never-met',
    beside({ StringLike: { 'aws:PrincipalOrgID': 'o-1' } }),
  ],
  ['the external id of AssumeRole', 'condition-never-met', beside({ Bool: { 'sts:ExternalId': 'x' } })],
  [
    'a placeholder',
    'value-mistake',
    withSubject('project_path:<GROUP>/shop:ref_type:branch:ref:main', 'StringEquals'),
  ],
  ['a space at the end', 'value-mistake', withSubject(`${main} `, 'StringEquals')],
  ['a zero-width space', 'value-mistake', withSubject(main.replace('acme', 'ac\u200bme'), 'StringEquals')],
  [
    'a project id compared with itself',
    'subject-any-project',
    policy({
      StringEquals: {
        'gitlab.com:aud': 'https://gitlab.com',
        'gitlab.com:project_id': '${gitlab.com:project_id}',
      },
      StringLike: { 'gitlab.com:sub': 'project_path:*:ref_type:branch:ref:main' },
    }),
  ],
  [
    'an audience compared with itself',
    'audience-unpinned',
    policy({ StringEquals: { 'gitlab.com:aud': '${gitlab.com:aud}', 'gitlab.com:sub': main, ...ids } }),
  ],
  ['letters of any case', 'subject-ignore-case', withSubject(main, 'StringEqualsIgnoreCase')],
  ['another action', 'action-assume-role', beside({}, { Action: 'sts:AssumeRole' })],
  ['something behind the ref', 'subject-incomplete', withSubject(`${main}:*`)],
  [
    'everybody with sts:AssumeRole',
    'principal-anyone',
    policy({}, { Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
  ],
  [
    'everybody but one',
    'principal-anyone',
    policy(
      {},
      {
        Principal: undefined,
        NotPrincipal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: 'sts:AssumeRole',
      },
    ),
  ],
);

const github = 'token.actions.githubusercontent.com';
const cluster = 'oidc.eks.eu-central-1.amazonaws.com/id/AAAA';

/** A policy of another issuer in which all but `sub` is as it should be. */
function elsewhere(host: string, sub: string) {
  const condition = {
    StringEquals: { [`${host}:aud`]: 'sts.amazonaws.com' },
    StringLike: { [`${host}:sub`]: sub },
  };
  return policy(condition, {}, host);
}

dangers.push(
  ['any repository of GitHub', 'subject-any-project', elsewhere(github, 'repo:*')],
  ['an owner without a slash', 'subject-group-prefix', elsewhere(github, 'repo:acme*')],
  ['all repositories of an owner', 'subject-whole-group', elsewhere(github, 'repo:acme/*')],
  ['repositories by a prefix', 'subject-project-prefix', elsewhere(github, 'repo:acme/shop*')],
  ['everything of a repository', 'subject-any-ref-type', elsewhere(github, 'repo:acme/shop:*')],
  ['every branch of a repository', 'subject-any-ref', elsewhere(github, 'repo:acme/shop:ref:refs/heads/*')],
  ['every environment', 'subject-any-ref', elsewhere(github, 'repo:acme/shop:environment:*')],
  ['environments by a prefix', 'subject-some-refs', elsewhere(github, 'repo:acme/shop:environment:prod*')],
  ['pull requests', 'subject-pull-requests', elsewhere(github, 'repo:acme/shop:pull_request')],
  [
    'a form that every owner can choose',
    'subject-any-project',
    elsewhere(github, 'environment:production:*'),
  ],
  ['any service account', 'subject-any-service-account', elsewhere(cluster, 'system:serviceaccount:*')],
  [
    'a name in any namespace',
    'subject-any-service-account',
    elsewhere(cluster, 'system:serviceaccount:*:app'),
  ],
  ['a whole namespace', 'subject-whole-namespace', elsewhere(cluster, 'system:serviceaccount:prod:*')],
  [
    'any organization of HCP Terraform',
    'subject-any-project',
    elsewhere('app.terraform.io', 'organization:*'),
  ],
  [
    'a whole organization of HCP Terraform',
    'subject-whole-group',
    elsewhere('app.terraform.io', 'organization:acme:project:*:workspace:*:run_phase:*'),
  ],
);

const cognito = 'cognito-identity.amazonaws.com';
const byName = (condition: Json) => policy(condition, { Principal: { Federated: cognito } });

dangers.push(
  ['any identity pool', 'application-unpinned', byName({})],
  [
    'any identity pool by a pattern',
    'application-unpinned',
    byName({ StringLike: { [`${cognito}:aud`]: '*' } }),
  ],
);

const both = { Federated: [provider(github).Federated, provider('git.example.com').Federated] };

dangers.push(
  [
    'several audiences',
    'audience-several',
    policy({ StringEquals: { 'gitlab.com:aud': ['a', 'b'], 'gitlab.com:sub': main } }),
  ],
  [
    'a sub of GitHub without "ref:"',
    'subject-malformed',
    elsewhere(github, 'repo:acme/shop:refs/heads/main'),
  ],
  [
    'a ref of GitHub without "refs/"',
    'subject-malformed',
    elsewhere(github, 'repo:acme/shop:ref:refs-heads/main'),
  ],
  [
    'a repository of GitHub by its URL',
    'subject-malformed',
    elsewhere(github, 'repo:https://github.com/acme/shop:ref:refs/heads/main'),
  ],
  ['a repository of GitHub alone', 'subject-malformed', elsewhere(github, 'repo:acme/shop')],
  [
    'a sub of GitHub without "repo:"',
    'subject-malformed',
    elsewhere(github, 'acme/shop:ref:refs/heads/main'),
  ],
  ['a regular expression', 'subject-malformed', elsewhere(github, '^repo:acme/(a|b):ref:refs/heads/main$')],
  [
    'any name by a regular expression',
    'subject-malformed',
    withSubject('project_path:acme/.*:ref_type:branch:ref:main'),
  ],
  [
    'a group of service accounts',
    'subject-malformed',
    elsewhere(cluster, 'system:serviceaccounts:prod:shop'),
  ],
  [
    'a service account without its namespace',
    'subject-malformed',
    elsewhere(cluster, 'system:serviceaccount:shop'),
  ],
  ['guests of an identity pool', 'guests-allowed', byName({ StringEquals: { [`${cognito}:aud`]: 'pool' } })],
  [
    'guests by name',
    'guests-allowed',
    byName({
      StringEquals: { [`${cognito}:aud`]: 'pool' },
      'ForAnyValue:StringLike': { [`${cognito}:amr`]: 'unauthenticated' },
    }),
  ],
  [
    'a user of Google, whatever the application',
    'audience-unpinned',
    policy(
      { StringEquals: { 'accounts.google.com:sub': '1' } },
      { Principal: { Federated: 'accounts.google.com' } },
    ),
  ],
  [
    'a second provider whose tokens meet IfExists',
    'subject-missing',
    policy(
      { StringEqualsIfExists: { [`${github}:sub`]: 'repo:acme/shop:ref:refs/heads/main' } },
      { Principal: both },
    ),
  ],
  [
    'a project by its ID alone',
    'subject-any-ref-type',
    policy({ StringEquals: { 'gitlab.com:aud': 'a', ...ids } }),
  ],
  [
    'any branch of a pipeline of Buildkite',
    'subject-any-ref-type',
    elsewhere('agent.buildkite.com', 'organization:acme:pipeline:web:*'),
  ],
  [
    'a whole organization of Azure DevOps',
    'subject-whole-group',
    elsewhere('vstoken.dev.azure.com/a', 'sc://acme/*'),
  ],
);

describe('claims of GitHub that narrow a broad sub', () => {
  const rulesFor = (sub: string, claims: Json) => {
    const exact = Object.fromEntries(
      Object.entries(claims).map(([name, value]) => [`${github}:${name}`, value]),
    );
    const condition = {
      StringEquals: { [`${github}:aud`]: 'sts.amazonaws.com', ...exact },
      StringLike: { [`${github}:sub`]: sub },
    };
    return rulesBroken(policy(condition, {}, github));
  };
  const workflow = 'acme/workflows/.github/workflows/deploy.yml@refs/heads/main';

  it.each<[string, Json, readonly string[]]>([
    ['repo:acme/shop:*', { repository_id: '1', ref: 'refs/heads/main' }, []],
    ['repo:acme/*', { repository: 'acme/shop', environment: 'production' }, []],
    ['repo:acme/*', { repository_id: '1' }, ['subject-any-ref-type']],
    ['repo:acme/shop:*', { job_workflow_ref: workflow }, []],
    ['repo:acme/*', { job_workflow_ref: workflow }, ['subject-wildcard']],
    ['repo:*', { job_workflow_ref: workflow }, ['subject-any-project']],
    ['repo:acme/*', { ref: 'refs/heads/main' }, ['subject-whole-group']],
  ])('%s with %j', (sub, claims, rules) => {
    expect(rulesFor(sub, claims)).toEqual(rules);
  });
});

describe('a statement for two providers', () => {
  it('is closed to tokens without a claim that it requires of the other', () => {
    const sub = { [`${github}:sub`]: 'repo:acme/shop:ref:refs/heads/main', [`${github}:aud`]: 'x' };
    expect(rulesBroken(policy({ StringEquals: sub }, { Principal: both }))).toEqual([]);
  });
});

describe('a Deny beside an open Allow', () => {
  const open = policy({ StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' } }).Statement[0];
  const deny = (over: Json) => ({
    Effect: 'Deny',
    Principal: provider('gitlab.com'),
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringNotEquals: { 'gitlab.com:sub': main } },
    ...over,
  });
  const broken = (over: Json) => rulesBroken({ Version: '2012-10-17', Statement: [open, deny(over)] });

  it('narrows it if it applies to the same requests', () => {
    expect(broken({})).not.toContain('subject-missing');
    expect(broken({ Principal: '*', Action: 'sts:*' })).not.toContain('subject-missing');
  });

  it.each<[string, Json]>([
    ['another action', { Action: 'sts:TagSession' }],
    ['all but this action', { Action: undefined, NotAction: 'sts:AssumeRoleWithWebIdentity' }],
    ['another provider', { Principal: provider('gitlab.example.com') }],
    ['all but this provider', { Principal: undefined, NotPrincipal: provider('gitlab.com') }],
    [
      'a second condition as well',
      {
        Condition: { StringNotEquals: { 'gitlab.com:sub': main }, Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  ])('does not narrow it if it applies to %s', (_, over) => {
    expect(broken(over)).toContain('subject-missing');
  });
});

describe('each risk', () => {
  it.each(dangers)('%s is found by %s', (_, rule, document) => {
    expect(rulesBroken(document)).toContain(rule);
  });
});

describe('a project that is pinned by its ID', () => {
  it.each(['*', 'project_path:*', 'project_path:mygroup*', 'project_path:acme/*'])(
    'is not made broader by %s',
    (pattern) => {
      const found = rulesBroken(withSubject(pattern, 'StringLike', ids));
      expect(found).toEqual(['subject-any-ref-type']);
    },
  );

  it('is pinned by it only on gitlab.com', () => {
    const host = 'gitlab.example.com';
    const document = policy(
      {
        StringEquals: { [`${host}:project_id`]: '20' },
        StringLike: { [`${host}:sub`]: 'project_path:acme/*' },
      },
      {},
      host,
    );
    expect(rulesBroken(document)).toContain('subject-whole-group');
  });
});

describe('lint', () => {
  it('has a case for every rule', () => {
    const shown = new Set(dangers.map(([, rule]) => rule));
    expect(rules.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });

  it('reports the value, its place, the risk and the fix', () => {
    const [found] = findPolicies(
      JSON.stringify(
        withSubject(['project_path:a/b:ref_type:branch:ref:main', 'project_path:acme/*']),
        null,
        2,
      ),
    );
    const finding = lint(found!).find(({ rule }) => rule === 'subject-whole-group');
    expect(finding).toMatchObject({
      severity: 'critical',
      detail: '"project_path:acme/*", one of 2 values, any of which is enough',
      reason:
        'Every project of the group or organization can assume the role, on every ref: "*" matches "/" and ":".',
      fix: 'Write the full project path and ref: "project_path:GROUP/PROJECT:ref_type:branch:ref:main".',
      place: { line: 15, column: 11 },
    });
  });

  it('suggests a fix that the issuer supports', () => {
    const anyRef = (host: string) => {
      const document = policy(
        {
          StringEquals: { [`${host}:aud`]: `https://${host}` },
          StringLike: { [`${host}:sub`]: 'project_path:a/b:ref_type:branch:ref:*' },
        },
        {},
        host,
      );
      const [found] = findPolicies(JSON.stringify(document));
      return lint(found!).find(({ rule }) => rule === 'subject-any-ref')?.fix;
    };
    expect(anyRef('gitlab.com')).toContain('"gitlab.com:ref_protected": "true"');
    expect(anyRef('gitlab.example.com')).toBe(
      'Write the full ref: AWS has no ref_protected key for this issuer.',
    );
  });

  it('orders severities', () => {
    const [found] = findPolicies(JSON.stringify(policy({})));
    const [finding] = lint(found!);
    expect(finding?.severity).toBe('blocker');
    expect(severities.map((least) => isAtLeast({ ...finding!, severity: 'major' }, least))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('handles a policy of 1 MB', () => {
    const statement = policy({ StringLike: { 'gitlab.com:sub': ['*'.repeat(10_000), 'project_path:a/*'] } })
      .Statement[0];
    const text = JSON.stringify({ Version: '2012-10-17', Statement: Array(100).fill(statement) });
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(
      findPolicies(text)
        .flatMap(lint)
        .map(({ rule }) => rule),
    ).toEqual(['policy-too-large']);
  });
});

describe('actions of sessions', () => {
  const deploy = { AWS: 'arn:aws:iam::111111111111:role/deploy' };
  const statement = (Action: string | string[], over: Json = {}) => ({
    Effect: 'Allow',
    Principal: deploy,
    Action,
    ...over,
  });
  const host = 'gitlab.example.com';
  const condition = { StringEquals: { [`${host}:sub`]: main, [`${host}:aud`]: `https://${host}` } };
  const token = policy(condition, {}, host).Statement[0] as Json;
  const broken = (...Statement: Json[]) => rulesBroken({ Version: '2012-10-17', Statement });

  it.each<[string, Json[]]>([
    ['a chained role', [statement(['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'])]],
    ['a chained role in two statements', [statement('sts:AssumeRole'), statement('sts:TagSession')]],
    ['other letter case and wildcards', [statement(['STS:assumerole', 'sts:Tag*', 'sts:Set?ontext'])]],
    ['tokens with tags', [{ ...token, Action: [token.Action, 'sts:TagSession'] }]],
    ['tokens with tags in two statements', [token, { ...token, Action: 'sts:TagSession' }]],
    [
      'tags without a condition of their own',
      [token, { ...token, Action: 'sts:TagSession', Condition: undefined }],
    ],
    ['a Deny of tags', [token, { ...token, Effect: 'Deny', Action: 'sts:TagSession' }]],
  ])('are fine: %s', (_, statements) => {
    expect(broken(...statements)).toEqual([]);
  });

  it.each<[string, string, Json[]]>([
    ['a misspelled action', 'unknown-action', [statement(['sts:AssumeRole', 'sts:TagSesion'])]],
    [
      'a misspelled action in a Deny',
      'unknown-action',
      [token, statement('sts:TagSessions', { Effect: 'Deny' })],
    ],
    ['a pattern for no action', 'unknown-action', [statement(['sts:AssumeRole', 'sts:Session*'])]],
    ['an action of another service', 'unknown-action', [statement(['sts:AssumeRole', 's3:GetObject'])]],
    ['tags alone', 'action-alone', [statement('sts:TagSession')]],
    ['a source identity alone', 'action-alone', [statement(['sts:SetSourceIdentity', 'sts:TagSession'])]],
    ['tags of tokens alone', 'action-alone', [{ ...token, Action: 'sts:TagSession' }]],
    [
      'tags, and a Deny of sessions',
      'action-alone',
      [statement('sts:TagSession'), statement('sts:AssumeRole', { Effect: 'Deny' })],
    ],
  ])('%s is found', (_, rule, statements) => {
    expect(broken(...statements)).toEqual([rule]);
  });

  it('do not hide a risk of the statement that starts the session', () => {
    const open = { ...token, Action: ['sts:TagSession', token.Action], Condition: undefined };
    expect(broken(open)).toContain('subject-missing');
    const all = statement(['sts:AssumeRole', 'sts:TagSession'], { Principal: '*' });
    expect(broken(all)).toEqual(['principal-anyone']);
  });
});
