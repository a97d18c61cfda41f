import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/command-line/run.ts';
import { fakeIo } from '../support/fake-io.ts';
import { pipelinesOfOthers, writeRepository } from '../support/pipelines-of-others.ts';

type Files = Readonly<Record<string, string>>;

function read(folder: string): Files {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

async function migrate(folder: string, to: string) {
  const io = fakeIo({});
  const flags = ['--to', to, '--write', '--component-version', '1.0.0', '--format', 'json'];
  expect(await run(['migrate', join(folder, '.gitlab-ci.yml'), ...flags], io), io.text()).toBe(0);
  return {
    files: read(folder),
    notes: JSON.parse(io.results()).notes as { kind: string; message: string }[],
  };
}

function components(files: Files): string {
  const names = [...pipelineText(files).matchAll(/\/(web-identity|same-job)@1\.0\.0/g)].map(
    ([, name]) => name,
  );
  return [...new Set(names)].join(', ') || 'left';
}

const pipelineText = (files: Files) =>
  Object.entries(files)
    .filter(([name]) => /\.ya?ml$/.test(name))
    .map(([, text]) => text)
    .join('\n');

describe.each([
  ['tokens', 'id-tokens'],
  ['component', 'component'],
] as const)('a pipeline by another author, for %s', (mode, to) => {
  it.each(pipelinesOfOthers.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const { directory } = fakeIo({});
    writeRepository(directory, one);
    const before = read(directory);
    const { files, notes } = await migrate(directory, to);
    const changes = JSON.stringify(files) === JSON.stringify(before) ? 'nothing' : 'changes';
    const expected = one[mode];
    expect(mode === 'tokens' ? changes : components(files)).toBe(expected.outcome);
    for (const pattern of expected.has) expect(pipelineText(files)).toMatch(new RegExp(pattern, 'ms'));
    for (const pattern of expected.hasNot) expect(pipelineText(files)).not.toMatch(new RegExp(pattern, 'm'));
    // what is left is reported
    const isLeft = mode === 'component' && /sts assume-role-with-web-identity/.test(pipelineText(files));
    if (isLeft && !one.name.startsWith('token')) expect(notes.length).toBeGreaterThan(0);
    expect((await migrate(directory, to)).files).toEqual(files);
  });
});
