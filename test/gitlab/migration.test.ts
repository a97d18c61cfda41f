import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pipelinesOfOthers, writeRepository } from '../support/pipelines-of-others.ts';
import { root } from '../support/run-program.ts';
import { Bench, checkCase } from './equivalence.ts';

/** A selection: every form of a recipe, with typical surroundings. All 291 would take an hour. */
const component = [
  'recipe docs today',
  'recipe jq file irp cred',
  'recipe config heredoc',
  'recipe web identity yaml variables',
  'recipe anchor list item',
  'recipe reference id tokens',
  'recipe matrix role',
  'recipe node keys into dotenv file',
  'trap region line stays',
  'trap default id tokens and inherit',
  'trap recipe inside a long block',
];
const tokens = [
  'token default vault hidden',
  'token reference id tokens',
  'token names taken',
  'token docker image reads name',
  'token assignment left side',
  'token-2 merge key override',
  'token-2 pypi and codeartifact on tags',
];

const caseOf = (name: string) => {
  const one = pipelinesOfOthers.find((other) => other.name === name);
  if (one === undefined) throw new Error(`no pipeline "${name}"`);
  const folder = mkdtempSync(join(tmpdir(), 'migration-'));
  writeRepository(folder, one);
  return { folder, settings: one.settings, ref: one.ref ?? 'branch:main' };
};

// each run has its own /tmp, in which a checkout under /tmp would not be visible
describe.skipIf(root.startsWith('/tmp/')).concurrent.each([
  ['component', component],
  ['id-tokens', tokens],
] as const)('a migrated pipeline does what it did, with %s', (mode, names) => {
  const bench = new Bench();
  afterAll(() => bench.stop());

  it.each(names)('%s', async (name) => {
    const result = await checkCase(bench, caseOf(name), mode);
    expect(result.migration.changed).not.toEqual([]);
    // the calls include the role, account, session name, region and environment
    expect(result.before.jobs.flatMap(({ calls }) => calls)).not.toEqual([]);
    expect(result.differences).toEqual([]);
    expect(result).toMatchObject({ valid: true, identical: true, legacyNeeded: false });
  });
});
