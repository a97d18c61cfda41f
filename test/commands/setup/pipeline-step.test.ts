import { chmodSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { pipelineStep } from '../../../src/commands/setup/pipeline-step.ts';
import type { RoleInclude } from '../../../src/migration/component/role-include.ts';
import { fakeIo } from '../../support/fake-io.ts';

const include: RoleInclude = {
  component: '$CI_SERVER_FQDN/aws-oidc/aws-oidc',
  version: '1.0.0',
  roleArn: 'arn:aws:iam::111111111111:role/deploy',
  region: undefined,
  audience: undefined,
  rules: [],
};
const io = fakeIo({});
let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'pipeline-')), '.gitlab-ci.yml');
});
const text = () => readFileSync(path, 'utf8');

describe('the step for the pipeline', () => {
  it('creates the file if there is none', async () => {
    const step = await pipelineStep(io, path, include);
    expect(step).toMatchObject({ change: 'create', undo: `rm ${path}` });
    await step.apply?.();
    expect(text()).toContain(include.roleArn);
    expect((await pipelineStep(io, path, include)).change).toBe('none');
  });

  it('fills a file that has only comments', async () => {
    writeFileSync(path, '# our pipeline\n\n');
    await (await pipelineStep(io, path, include)).apply?.();
    expect(text()).toMatch(/^# our pipeline\n\ninclude:\n/);
  });

  it('leaves an include for other refs, and shows what it should be', async () => {
    await (await pipelineStep(io, path, include)).apply?.();
    const step = await pipelineStep(io, path, { ...include, rules: ['$CI_COMMIT_TAG'] });
    expect(step).toMatchObject({ change: 'none', title: expect.stringContaining('with other inputs') });
    expect(step.lines.join('\n')).toContain('$CI_COMMIT_TAG');
  });

  it('does not overwrite what was changed after the plan was made', async () => {
    writeFileSync(path, 'job: { script: [x] }\n');
    const step = await pipelineStep(io, path, include);
    writeFileSync(path, 'other: { script: [x] }\n');
    await expect(step.apply?.()).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: expect.stringContaining('was changed after the plan was made'),
    });
    expect(text()).toBe('other: { script: [x] }\n');
  });

  it('says if the file cannot be written', async () => {
    symlinkSync(join(path, '../nowhere/x.yml'), path);
    const step = await pipelineStep(io, path, include);
    await expect(step.apply?.()).rejects.toMatchObject({
      code: 'HAND_OFF_FAILED',
      message: `${path} cannot be written (EEXIST).`,
    });
  });

  it('refuses a file that is no pipeline', async () => {
    writeFileSync(path, '- a list\n');
    chmodSync(path, 0o600);
    await expect(pipelineStep(io, path, include)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
