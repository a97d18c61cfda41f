import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeConsumer } from '../../sandbox/catalog.ts';
import { runPipeline } from '../../sandbox/pipeline.ts';
import { otherFile, pipelineCases } from '../support/pipeline-cases.ts';
import { root } from '../support/run-program.ts';

/** The jobs as gitlab-ci-local expands them. */
async function expand(pipeline: string): Promise<Record<string, unknown>> {
  const template = (name: string) => readFileSync(join(root, `templates/${name}.yml`), 'utf8');
  const consumer = makeConsumer({
    directory: mkdtempSync(join(tmpdir(), 'migrated-')),
    // files in place of the instance's component: gitlab-ci-local cannot fetch one component twice at once
    pipeline: pipeline.replaceAll(/component: \S+\/([\w-]+)@\S+/g, 'local: /$1.yml'),
    files: {
      'other.yml': otherFile,
      'assume-role.yml': template('assume-role'),
      'same-job.yml': template('same-job'),
      'web-identity.yml': template('web-identity'),
    },
  });
  const { exitCode, log } = await runPipeline(consumer, { args: ['--preview'] });
  expect(exitCode, log).toBe(0);
  return parse(
    log.slice(
      log.indexOf('---\n'),
      log.lastIndexOf('\nparsing') < 0 ? undefined : log.lastIndexOf('\nparsing'),
    ),
    { customTags: [{ tag: '!reference', collection: 'seq' }] },
  );
}

describe('what comes out', () => {
  it.each(pipelineCases)(
    'is valid, and the jobs that were not touched are the same: %s',
    async (_, { before, after }) => {
      const [was, is] = [await expand(before), await expand(after)];
      const text = (value: unknown) => JSON.stringify(value);
      const touched = /CI_JOB_JWT|assume-role-with-web-identity|web_identity|AWS_WEB_IDENTITY/;
      for (const [name, job] of Object.entries(was)) {
        if (name.startsWith('.') || name === 'include' || touched.test(text(job))) continue;
        // a job that uses a variable which holds the old one is touched, too
        if (before.includes('TOKEN: $CI_JOB_JWT') && text(job).includes('$TOKEN')) continue;
        expect(text(is[name]), name).toBe(text(job));
      }
      for (const name of Object.keys(was)) if (name !== 'include') expect(is).toHaveProperty([name]);
    },
  );
});
