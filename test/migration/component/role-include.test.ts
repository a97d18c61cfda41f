import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  includedRoles,
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
    const after = withInclude(pipeline(text), include);
    expect(parse(after).include).toEqual([entry, ...others]);
    for (const line of text.split('\n').filter((one) => !/include|a\.yml/.test(one)))
      expect(after).toContain(line);
  });

  it('is a pipeline of its own if there is none', () => {
    expect(parse(newPipeline(include))).toEqual({ include: [entry] });
  });

  it('contains rules and an audience if they are not the defaults', () => {
    const rules = ['$CI_COMMIT_TAG =~ /^v.*$/', `$CI_COMMIT_BRANCH == "it's"`];
    const { inputs } = parse(newPipeline({ ...include, audience: 'https://aws', rules })).include[0];
    expect(inputs).toMatchObject({ audience: 'https://aws', rules: rules.map((rule) => ({ if: rule })) });
  });

  it('is found again', () => {
    expect(includedRoles(pipeline(newPipeline(include)))).toEqual([include.roleArn]);
    expect(includedRoles(pipeline('include:\n  component: a/b/assume-role@1\njob: {script: x}'))).toEqual([
      '',
    ]);
    expect(includedRoles(pipeline('include:\n  component: a/b/same-job@1\njob: {script: x}'))).toEqual([]);
    expect(includedRoles(pipeline('job: {script: x}'))).toEqual([]);
  });
});
