import { cpSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { freePort } from '../support/free-port.ts';
import { root } from '../support/run-program.ts';
import { runInRunner } from './rig.ts';

/** The files of this project that the jobs need, as a runner would fetch them. */
function source(): string {
  const directory = mkdtempSync(join(tmpdir(), 'this-project-'));
  for (const part of ['sandbox', 'src', 'package.json']) {
    cpSync(join(root, part), join(directory, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

it("this project's own pipeline tests the component against the sandbox, which trusts the instance", async () => {
  const sandbox = await startSandbox();
  const port = String(await freePort());
  const pipeline = readFileSync(join(root, '.gitlab-ci.yml'), 'utf8')
    .replaceAll('8787', port)
    // the runner has another project and instance
    .replace(
      '      job_name: self-test',
      `      job_name: self-test\n      audience: ${sandbox.issuer.name}`,
    );
  const jobs = await runInRunner(pipeline, {
    sandbox,
    variables: {
      ISSUER: sandbox.issuer.url,
      CI_PROJECT_PATH: 'acme/shop',
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
    },
    args: ['--only', 'self-test', '--only', 'self-test-consumer', '--source', source()],
  });
  await sandbox.stop();
  expect(jobs['self-test']).toMatchObject({ state: 'success', left: [] });
  expect(jobs['self-test-consumer']?.trace).toMatch(
    /arn:aws:sts::111111111111:assumed-role\/build\/GitLabRunner-20-4242 until \d/,
  );
  expect(jobs['self-test-consumer']).toMatchObject({ state: 'success', left: [] });
});
