import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type IncludedRole,
  includedRoles,
  isSameInclude,
  newPipeline,
  type RoleInclude,
  withInclude,
} from '../../../src/migration/component/role-include.ts';
import { parsePipelineFile } from '../../../src/migration/pipeline-file.ts';

const include: RoleInclude = {
  component: '$CI_SERVER_FQDN/aws-oidc/aws-oidc',
  version: '1.0.0',
  roleArn: 'arn:aws:iam::111111111111:role/deploy',
  region: 'eu-central-1',
  audience: undefined,
  rules: [],
};
const entry = {
  component: '$CI_SERVER_FQDN/aws-oidc/aws-oidc/assume-role@1.0.0',
  inputs: { role_arn: include.roleArn, region: 'eu-central-1' },
};
const pipeline = (text: string) => parsePipelineFile('.gitlab-ci.yml', text);

describe('the include of a role', () => {
  it.each([
    ['no include', 'job:\n  script: [make]\n', []],
    ['a list', 'include:\n  - local: a.yml\njob:\n  script: [make]\n', [{ local: 'a.yml' }]],
    ['one text', 'include: a.yml\njob:\n  script: [make]\n', ['a.yml']],
    ['one object', 'include:\n  local: a.yml\njob:\n  script: [make]\n', [{ local: 'a.yml' }]],
    ['comments and odd spaces', '# top\n\n\njob:   { script: [ make ] }  # end\r\n', []],
  ])('is added to a pipeline with %s, and every other line is kept', (_, text, others) => {
    const after = withInclude(pipeline(text), include) ?? '';
    expect(parse(after).include).toEqual([entry, ...others]);
    for (const line of text.split('\n').filter((one) => !/include|a\.yml/.test(one)))
      expect(after).toContain(line);
  });

  it('is a pipeline of its own if there is none, with a job in addition to those of .pre', () => {
    const { include: included, ...jobs } = parse(newPipeline(include));
    expect(included).toEqual([entry]);
    expect(jobs).toEqual({ deploy: expect.objectContaining({ extends: '.with-assume-role' }) });
  });

  it('contains rules and an audience if they are not the defaults', () => {
    const rules = ['$CI_COMMIT_TAG =~ /^v.*$/', `$CI_COMMIT_BRANCH == "it's"`];
    const { inputs } = parse(newPipeline({ ...include, audience: 'https://aws', rules })).include[0];
    expect(inputs).toMatchObject({ audience: 'https://aws', rules: rules.map((rule) => ({ if: rule })) });
  });

  it.each([
    ['an alias', '.i: &i [a.yml]\ninclude: *i\njob: {script: [x]}\n'],
    ['a reference', 'include: !reference [.i, inc]\njob: {script: [x]}\n'],
    ['a flow list with comments', 'include: [\n  {local: a.yml}, # keep me\n]\njob: {script: [x]}\n'],
    ['a file in flow style', '{include: a.yml, job: {script: [x]}}\n'],
    ['a file in flow style without it', '{job: {script: [x]}}\n'],
    ['a folded text', 'include: >-\n  a.yml\njob: {script: [x]}\n'],
  ])('is left to a person for %s', (_, text) => {
    expect(withInclude(pipeline(text), include)).toBeUndefined();
  });

  it('is right or left to a person for any form of null', () => {
    for (const value of ['', ' ~', ' null', ' # nothing', ' []', ' {}']) {
      const after = withInclude(pipeline(`include:${value}\njob: {script: [x]}\n`), include);
      if (after !== undefined) expect(parse(after).include[0]).toEqual(entry);
    }
  });

  it('is found again, also behind an alias', () => {
    const found = (text: string) => includedRoles(pipeline(text)).map(({ inputs }) => inputs.role_arn);
    expect(found(newPipeline(include))).toEqual([include.roleArn]);
    expect(found('include:\n  component: a/b/assume-role@1\njob: {script: x}')).toEqual([undefined]);
    expect(found('.i: &i {component: a/b/assume-role@1}\ninclude: [*i]\njob: {script: x}')).toEqual([
      undefined,
    ]);
    expect(found('include:\n  component: a/b/same-job@1\njob: {script: x}')).toEqual([]);
    expect(found('job: {script: x}')).toEqual([]);
  });

  it.each([
    ['the same', {}, true],
    ['another version', { version: '2.0.0' }, true],
    ['another component', { component: 'gitlab.com/other/project' }, false],
    ['another role', { roleArn: 'arn:aws:iam::111111111111:role/other' }, false],
    ['other rules', { rules: ['$CI_COMMIT_TAG'] }, false],
    ['another audience', { audience: 'https://aws' }, false],
    ['another region', { region: 'us-east-1' }, false],
    ['no region of its own', { region: undefined }, true],
  ])('that exists is compared with %s', (_, change, same) => {
    const [found] = includedRoles(pipeline(newPipeline(include)));
    expect(isSameInclude(found as IncludedRole, { ...include, ...change })).toBe(same);
  });
});
