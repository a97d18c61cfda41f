import { describe, expect, it } from 'vitest';
import {
  describePattern,
  describeValue,
  subjectBreadth,
  subjectForm,
} from '../../src/trust-policy/subject-forms.ts';

const github = 'token.actions.githubusercontent.com';
const circleci = 'oidc.circleci.com/org/aaaa';
const cluster = 'oidc.eks.eu-central-1.amazonaws.com/id/ABC1';
const bitbucket = 'api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc';
const repository = '{0f0f0f0f-1111-4222-8333-444444444444}';
const environment = '{1f0f0f0f-1111-4222-8333-444444444444}';
const terraform = 'app.terraform.io';

const branch = 'project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH';

const cases: readonly (readonly [
  issuer: string,
  pattern: string,
  breadth: string,
  words: string,
  template: string | undefined,
])[] = [
  ['gitlab.com', '*', 'anyone', 'any project on gitlab.com', branch],
  ['gitlab.com', 'project_path:*', 'anyone', 'any project on gitlab.com', branch],
  ['gitlab.com', 'project_p*', 'anyone', 'any project on gitlab.com', branch],
  [
    'gitlab.com',
    'project_path:acme*',
    'groups-by-prefix',
    'every project whose path begins with "acme", in any group on gitlab.com',
    branch,
  ],
  [
    'gitlab.com',
    'project_path:acme/*',
    'whole-group',
    'every project in acme on gitlab.com',
    'project_path:acme/PROJECT:ref_type:branch:ref:BRANCH',
  ],
  [
    'gitlab.com',
    'project_path:acme/*:ref_type:branch:ref:*',
    'whole-group',
    'every branch of every project in acme on gitlab.com',
    'project_path:acme/PROJECT:ref_type:branch:ref:BRANCH',
  ],
  [
    'gitlab.com',
    'project_path:acme/*:ref_type:tag:ref:v1',
    'whole-group',
    'tag v1 of every project in acme on gitlab.com',
    'project_path:acme/PROJECT:ref_type:tag:ref:v1',
  ],
  [
    'gitlab.com',
    'project_path:acme/app-*:*',
    'projects-by-prefix',
    'every project whose path begins with "acme/app-" on gitlab.com',
    'project_path:acme/PROJECT:ref_type:branch:ref:BRANCH',
  ],
  [
    'gitlab.com',
    'project_path:acme/shop:*',
    'any-ref-type',
    'every branch and tag of acme/shop on gitlab.com',
    'project_path:acme/shop:ref_type:branch:ref:BRANCH',
  ],
  [
    'gitlab.com',
    'project_path:acme/shop:ref_type:*:ref:main',
    'any-ref-type',
    'every branch and tag named main of acme/shop on gitlab.com',
    'project_path:acme/shop:ref_type:branch:ref:BRANCH',
  ],
  [
    'git.example.com',
    'project_path:acme/shop:ref_type:branch:ref:release/*',
    'some-refs',
    'every branch that matches "release/*" of acme/shop on git.example.com',
    'project_path:acme/shop:ref_type:branch:ref:BRANCH',
  ],
  [
    'gitlab.com',
    'project_path:acme/shop:ref_type:branch:ref:main',
    'exact',
    'branch main of acme/shop on gitlab.com',
    'project_path:acme/shop:ref_type:branch:ref:main',
  ],
  [
    'gitlab.com',
    'project_path:acme/shop:environment:production',
    'exact',
    'jobs of acme/shop on gitlab.com whose sub is "project_path:acme/shop:environment:production"',
    undefined,
  ],
  ['gitlab.com', 'x:*', 'anyone', 'tokens of gitlab.com whose sub matches "x:*"', branch],
  [github, '*', 'anyone', 'any repository on GitHub', 'repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH'],
  [github, 'repo:*', 'anyone', 'any repository on GitHub', 'repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH'],
  [github, 're*', 'anyone', 'any repository on GitHub', 'repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH'],
  [
    github,
    'repo:acme*',
    'groups-by-prefix',
    'every repository whose name begins with "acme", of any owner on GitHub',
    'repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH',
  ],
  [
    github,
    'repo:acme/*',
    'whole-group',
    'every repository of acme on GitHub',
    'repo:acme/REPOSITORY:ref:refs/heads/BRANCH',
  ],
  [
    github,
    'repo:acme/*:ref:refs/heads/main',
    'whole-group',
    'branch main of every repository of acme on GitHub',
    'repo:acme/REPOSITORY:ref:refs/heads/main',
  ],
  [
    github,
    'repo:acme/shop:*',
    'any-ref-type',
    'every workflow of acme/shop on GitHub',
    'repo:acme/shop:ref:refs/heads/BRANCH',
  ],
  [
    github,
    'repo:acme/shop:ref:refs/tags/v*',
    'some-refs',
    'every tag that matches "v*" of acme/shop on GitHub',
    'repo:acme/shop:ref:refs/tags/TAG',
  ],
  [
    github,
    'repo:acme/shop:environment:*',
    'any-ref',
    'every environment of acme/shop on GitHub',
    'repo:acme/shop:environment:ENVIRONMENT',
  ],
  [github, 'repo:acme/shop:pull_request', 'pull-requests', 'pull requests of acme/shop on GitHub', undefined],
  [
    github,
    'repo:acme/shop:environment:production',
    'exact',
    'environment production of acme/shop on GitHub',
    'repo:acme/shop:environment:production',
  ],
  [github, 'environment:production', 'anyone', 'any repository on GitHub', undefined],
  [
    github,
    'repository_owner:acme:*',
    'whole-group',
    `tokens of ${github} whose sub matches "repository_owner:acme:*"`,
    undefined,
  ],
  [
    'ghe.example.com/_services/token',
    'repo:acme/*',
    'whole-group',
    'every repository of acme on ghe.example.com/_services/token',
    'repo:acme/REPOSITORY:ref:refs/heads/BRANCH',
  ],
  [
    circleci,
    'org/aaaa/*',
    'whole-group',
    'every project of the CircleCI organization aaaa',
    'org/aaaa/project/PROJECT_ID/user/*',
  ],
  [
    circleci,
    'org/aaaa/project/bbbb/user/*',
    'exact',
    'the project bbbb of the CircleCI organization aaaa',
    'org/aaaa/project/bbbb/user/*',
  ],
  [
    cluster,
    '*',
    'any-service-account',
    'any service account of the EKS cluster ABC1 in eu-central-1',
    'system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT',
  ],
  [
    cluster,
    'system:serviceaccount:team-*:app',
    'any-service-account',
    'any service account named app in a namespace that matches "team-*" of the EKS cluster ABC1 in eu-central-1',
    'system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT',
  ],
  [
    cluster,
    'system:serviceaccount:prod:*',
    'whole-namespace',
    'any service account in the namespace prod of the EKS cluster ABC1 in eu-central-1',
    'system:serviceaccount:prod:SERVICE_ACCOUNT',
  ],
  [
    cluster,
    'system:serviceaccount:prod:shop',
    'exact',
    'the service account prod/shop of the EKS cluster ABC1 in eu-central-1',
    undefined,
  ],
  [
    bitbucket,
    '*',
    'whole-group',
    'every repository of the Bitbucket workspace acme',
    '{REPOSITORY_UUID}:{ENVIRONMENT_UUID}:*',
  ],
  [
    bitbucket,
    `${repository}:*`,
    'unknown-wildcard',
    `every pipeline of the repository ${repository} of the Bitbucket workspace acme`,
    undefined,
  ],
  [
    bitbucket,
    `${repository}:${environment}:*`,
    'exact',
    `deployments to the environment ${environment} from the repository ${repository} of the Bitbucket workspace acme`,
    undefined,
  ],
  [
    'agent.buildkite.com',
    'organization:acme:pipeline:web:ref:refs/heads/main:commit:*:step:*',
    'exact',
    'tokens of agent.buildkite.com for organization acme, pipeline web, ref refs/heads/main',
    undefined,
  ],
  [
    'agent.buildkite.com',
    'organization:acme:pipeline:web:ref:refs/heads/*',
    'any-ref',
    'tokens of agent.buildkite.com for organization acme, pipeline web, ref that matches "refs/heads/*"',
    undefined,
  ],
  [
    'oidc.vercel.com/acme',
    'owner:acme:project:*:environment:*',
    'whole-group',
    'tokens of oidc.vercel.com/acme for owner acme',
    undefined,
  ],
  [
    'vstoken.dev.azure.com/a',
    'sc://acme/*',
    'whole-group',
    'every service connection of the Azure DevOps organization acme',
    'sc://acme/PROJECT/SERVICE_CONNECTION',
  ],
  [
    'vstoken.dev.azure.com/a',
    'sc://acme/shop/aws',
    'exact',
    'the service connection aws in shop of the Azure DevOps organization acme',
    'sc://acme/shop/SERVICE_CONNECTION',
  ],
  [
    terraform,
    'organization:acme:*',
    'whole-group',
    'tokens of app.terraform.io for organization acme',
    'organization:acme:project:PROJECT:workspace:WORKSPACE:run_phase:RUN_PHASE',
  ],
  [
    terraform,
    'organization:acme:project:shop:workspace:prod:run_phase:*',
    'unknown-wildcard',
    'tokens of app.terraform.io for organization acme, project shop, workspace prod',
    'organization:acme:project:shop:workspace:prod:run_phase:RUN_PHASE',
  ],
];

describe('a pattern for sub', () => {
  it.each(cases)('of %s: %s', (issuer, pattern, breadth, words, template) => {
    expect(subjectBreadth(pattern, issuer)).toBe(breadth);
    expect(describePattern(pattern, issuer)).toBe(words);
    expect(subjectForm(pattern, issuer).template(pattern)).toBe(template);
  });

  it('is a value like any other where wildcards do not count', () => {
    expect(describeValue('project_path:acme/*', 'gitlab.com')).toBe(
      'tokens of gitlab.com whose sub is "project_path:acme/*"',
    );
  });
});
