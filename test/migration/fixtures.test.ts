import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/command-line/run.ts';
import { fakeIo } from '../support/fake-io.ts';
import { otherFile, pipelineCases } from '../support/pipeline-cases.ts';

async function migrate(pipeline: string, flags: readonly string[]) {
  const io = fakeIo({});
  const path = join(io.directory, '.gitlab-ci.yml');
  writeFileSync(path, pipeline);
  writeFileSync(join(io.directory, 'other.yml'), otherFile);
  const exitCode = await run(['migrate', path, '--write', '--component-version', '1.0.0', ...flags], io);
  return { exitCode, text: readFileSync(path, 'utf8'), log: io.text() };
}

describe('a pipeline is migrated', () => {
  it('in enough shapes', () => {
    expect(pipelineCases.length).toBeGreaterThanOrEqual(40);
    expect(new Set(pipelineCases.map(([, { before }]) => before)).size).toBe(pipelineCases.length);
  });

  it.each(pipelineCases)('%s', async (_, { before, after, flags }) => {
    const migrated = await migrate(before, flags);
    expect(migrated.text).toBe(after);
    expect(migrated.exitCode).toBe(0);
    // a second run changes nothing
    expect((await migrate(after, flags)).text).toBe(after);
  });
});
