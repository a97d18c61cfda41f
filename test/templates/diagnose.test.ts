import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { componentAddress, makeConsumer } from '../../sandbox/catalog.ts';
import { runPipeline } from '../../sandbox/pipeline.ts';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { root } from '../support/run-program.ts';
import { busyboxAsBash } from '../support/shells.ts';
import { readTemplate } from '../support/template.ts';

const template = readTemplate('diagnose');

describe('the template', () => {
  it('has the inputs of assume-role that apply, with the same defaults and descriptions', () => {
    const others = readTemplate('assume-role').inputs;
    for (const [name, input] of Object.entries(template.inputs)) {
      if (name === 'job_name') continue;
      expect(input).toEqual(others[name]);
    }
    const missing = Object.keys(others).filter((name) => !Object.hasOwn(template.inputs, name));
    expect(missing).toEqual(['env_prefix', 'artifact_access', 'expire_in']);
  });

  it('is a manual job that stops no pipeline, and has its token', () => {
    const { diagnose } = template.configure({ role_arn: roles.deploy });
    expect(diagnose).toMatchObject({
      stage: '.pre',
      image: 'node:24-alpine',
      when: 'manual',
      allow_failure: true,
      id_tokens: { GITLAB_OIDC_TOKEN: { aud: '$CI_SERVER_URL' } },
    });
    expect(diagnose).not.toHaveProperty('artifacts');
  });
});

describe.each([
  ['bash', undefined],
  ['busybox sh', busyboxAsBash()],
])('a pipeline with the component, in %s', (_, shellDirectory) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.stop());

  async function diagnose(ref: string) {
    const consumer = makeConsumer({
      directory: mkdtempSync(join(tmpdir(), 'diagnose-')),
      pipeline: `
include:
  - component: ${componentAddress}/diagnose@1
    inputs:
      role_arn: ${roles.deploy}
test:
  script: [echo tested]
`,
      files: { 'diagnose.yml': readFileSync(join(root, 'templates/diagnose.yml'), 'utf8') },
      variables: {
        GITLAB_OIDC_TOKEN: await sandbox.issuer.mint({ job: { ref } }),
        AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      },
    });
    const shell = shellDirectory === undefined ? {} : { shellDirectory };
    const whole = await runPipeline(consumer, shell);
    const { log } = await runPipeline(consumer, { ...shell, args: ['diagnose'] });
    return { whole, log };
  }

  it('does nothing until somebody starts it, and then says what it finds', async () => {
    const { whole, log } = await diagnose('feature');
    expect(whole.exitCode).toBe(0);
    expect(whole.log).not.toContain('ID token');
    expect(log).toMatch(/✔ ID token: GITLAB_OIDC_TOKEN is for branch "feature" of the project acme\/shop/);
    expect(log).toContain('✔ signature: It is right by that key.');
    expect(log).toContain(
      '✘ exchange: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    );
    expect(log).toContain('✘ cause: The ref is not the one that the policy trusts.');
    expect(log).not.toMatch(/eyJ/);
  });

  it('makes the exchange, and keeps nothing', async () => {
    const { log } = await diagnose('main');
    expect(log).toContain(
      '✔ exchange: STS gives a session of arn:aws:sts::111111111111:assumed-role/deploy/',
    );
    expect(log).not.toMatch(/eyJ|IQoJ|ASIA/);
  });
});
