import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { componentAddress, makeConsumer } from '../../sandbox/catalog.ts';
import { runPipeline } from '../../sandbox/pipeline.ts';
import { run } from '../../src/cli.ts';
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

describe('a recipe that became a component', () => {
  it('runs, and the job has what it needs', async () => {
    const { after } = Object.fromEntries(pipelineCases)['recipe-anchor-with-jq'] ?? { after: '' };
    const consumer = makeConsumer({
      directory: mkdtempSync(join(tmpdir(), 'migrated-')),
      pipeline: after
        .replace('$CI_SERVER_FQDN/aws-oidc/aws-oidc', componentAddress)
        .replace(
          'aws configure list',
          'echo "$AWS_ROLE_ARN in $AWS_REGION with $(wc -c < "$AWS_WEB_IDENTITY_TOKEN_FILE")"',
        )
        .replace(/aws s3 .*/, 'echo deployed')
        .replace('./prepare.sh', 'echo prepared'),
      variables: { GITLAB_OIDC_TOKEN: 'aaaa.bbbb.cccc', ROLE_ARN: 'arn:aws:iam::111111111111:role/deploy' },
    });
    const { exitCode, log } = await runPipeline(consumer);
    expect(log).toContain('arn:aws:iam::111111111111:role/deploy in ap-northeast-1 with 14');
    expect(log).toContain('prepared');
    expect(log).toContain('deployed');
    expect(exitCode).toBe(0);
  });
});
