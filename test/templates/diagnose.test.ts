import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { readTemplate } from '../support/configuration.ts';

const template = readTemplate('diagnose');

describe('the template', () => {
  it('has the inputs of assume-role that apply, with the same defaults and descriptions', () => {
    const others = readTemplate('assume-role').inputs;
    for (const [name, input] of Object.entries(template.inputs)) {
      if (name === 'job_name' || name === 'rules') continue;
      expect(input).toEqual(others[name]);
    }
    const missing = Object.keys(others).filter((name) => !Object.hasOwn(template.inputs, name));
    expect(missing).toEqual(['env_prefix', 'artifact_access', 'expire_in']);
  });

  it('is a manual job that blocks no pipeline, and has its token', () => {
    const { diagnose } = template.configure({ role_arn: roles.deploy });
    expect(diagnose).toMatchObject({
      stage: '.pre',
      image: 'node:24-alpine',
      rules: [{ if: '$CI_COMMIT_BRANCH || $CI_COMMIT_TAG', when: 'manual' }],
      allow_failure: true,
      id_tokens: { GITLAB_OIDC_TOKEN: { aud: '$CI_SERVER_URL' } },
    });
    expect(diagnose).not.toHaveProperty('artifacts');
  });
});
