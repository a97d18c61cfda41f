import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { run } from '../../src/command-line/run.ts';
import { fakeIo } from '../support/fake-io.ts';
import { pipelineCases } from '../support/pipeline-cases.ts';

async function migrated(text: string, ...flags: string[]): Promise<string> {
  const io = fakeIo({});
  const path = join(io.directory, '.gitlab-ci.yml');
  writeFileSync(path, text);
  expect(await run(['migrate', path, '--write', ...flags], io), io.text()).toBe(0);
  return readFileSync(path, 'utf8');
}

const word = fc.string({
  unit: fc.constantFrom('a', 'b', '$', '{', '}', ':', '#', '"', "'", '-', ' ', 'ü', '\n', '*', '&', '!'),
  minLength: 1,
  maxLength: 12,
});
const job = fc.record(
  {
    stage: fc.constantFrom('build', 'deploy'),
    image: word,
    script: fc.array(fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 2 })), {
      minLength: 1,
      maxLength: 4,
    }),
    variables: fc.dictionary(fc.constantFrom('A', 'B', 'TOKEN'), word),
    extends: fc.constantFrom('.base', 'job-1'),
  },
  { requiredKeys: ['script'] },
);

describe('a pipeline without any legacy use', () => {
  it.each([[[]], [['--to', 'component']]])('is unchanged %#', async (flags) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(job, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(2, 4),
        fc.boolean(),
        async (jobs, indent, crlf) => {
          const names = Object.fromEntries(jobs.map((one, index) => [`job-${index}`, one]));
          const text = stringify(
            { stages: ['build', 'deploy'], '.base': { script: ['x'] }, ...names },
            { indent },
          );
          const written = crlf ? text.replaceAll('\n', '\r\n') : text;
          expect(await migrated(written, ...flags)).toBe(written);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a file that begins with an empty line', () => {
  const withoutBlankLines = (text: string) => text.replace(/^\s*\n/gm, '');

  it.each([[[]], [['--to', 'component']]])('is migrated like any other %#', async (flags) => {
    for (const [name, { before }] of pipelineCases) {
      const after = withoutBlankLines(await migrated(before, ...flags));
      expect({ name, after: withoutBlankLines(await migrated(`\n${before}`, ...flags)) }).toEqual({
        name,
        after,
      });
    }
  });
});

describe('comments and blank lines', () => {
  const base = pipelineCases.find(([name]) => name === 'extends-chain')?.[1].before ?? '';
  const lines = base.split('\n');

  it('are kept anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.nat(lines.length - 1), fc.constantFrom('', '# note', '  # note', '      # note')),
        ),
        async (insertions) => {
          const withNotes = [...lines];
          for (const [at, line] of insertions.toSorted((a, b) => b[0] - a[0])) withNotes.splice(at, 0, line);
          const before = withNotes.join('\n');
          const after = await migrated(before);
          const kept = before.replaceAll('CI_JOB_JWT_V2', 'GITLAB_OIDC_TOKEN').split('\n');
          const added = after
            .split('\n')
            .filter((line) => /id_tokens:|^ *GITLAB_OIDC_TOKEN:|aud: /.test(line));
          expect(added).toHaveLength(3);
          expect(after.split('\n').filter((line) => !added.includes(line))).toEqual(kept);
        },
      ),
      { numRuns: 100 },
    );
  });
});
