import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { severities } from '../../src/trust-policy/rule.ts';
import { readTemplate } from '../support/configuration.ts';

const template = readTemplate('audit');

describe('the template', () => {
  it('has the inputs of assume-role that apply, with the same defaults and descriptions', () => {
    const others = readTemplate('assume-role').inputs;
    const own = ['role_arn', 'job_name', 'stage', 'rules', 'organization_role', 'fail_on', 'baseline'];
    for (const [name, input] of Object.entries(template.inputs)) {
      if (!own.includes(name)) expect(input).toEqual(others[name]);
    }
    const missing = Object.keys(others).filter((name) => !Object.hasOwn(template.inputs, name));
    expect(missing).toEqual(['env_prefix', 'artifact_access', 'expire_in']);
  });

  it('offers every severity', () => {
    expect(template.inputs.fail_on).toMatchObject({ options: [...severities] });
  });

  it('runs on a schedule or by hand, on the default branch, and keeps its findings for developers', () => {
    const { audit } = template.configure({ role_arn: roles.deploy });
    expect(audit).toMatchObject({
      stage: 'test',
      rules: ['schedule', 'web'].map((source) => ({
        if: `$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE == "${source}"`,
      })),
      id_tokens: { GITLAB_OIDC_TOKEN: { aud: '$CI_SERVER_URL' } },
      artifacts: {
        when: 'always',
        access: 'developer',
        reports: { codequality: 'gl-code-quality-report.json', annotations: 'aws-oidc.annotations.json' },
      },
    });
    // the baseline is a file of the repository
    expect(audit?.variables).not.toHaveProperty('GIT_STRATEGY');
  });
});
