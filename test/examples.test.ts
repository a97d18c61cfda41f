import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { roles } from '../sandbox/sandbox.ts';
import { findPolicies } from '../src/trust-policy/find-policies.ts';
import { lint } from '../src/trust-policy/lint.ts';
import { useSandbox } from './support/command-run.ts';
import { root, runProgram } from './support/run-program.ts';

const job = useSandbox();
describe('examples/circleci/trust-policy.json', () => {
  it('has none of the dangers that lint knows', () => {
    const text = readFileSync(join(root, 'examples/circleci/trust-policy.json'), 'utf8');
    expect(findPolicies(text).flatMap(lint)).toEqual([]);
  });
});

describe('examples/circleci/config.yml', () => {
  const config = parse(readFileSync(join(root, 'examples/circleci/config.yml'), 'utf8'));
  const { environment, steps } = config.jobs.deploy;
  const [credentials, deploy] = steps.slice(1).map((step: { run: { command: string } }) => step.run.command);

  /** Runs the steps as CircleCI does: each in a bash of its own that reads BASH_ENV first. */
  async function runSteps(env: Record<string, string>) {
    const directory = mkdtempSync(join(tmpdir(), 'circleci-'));
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    // npx of the published package stands for the program that is committed here
    writeFileSync(
      join(bin, 'npx'),
      `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${root}/dist/aws-oidc.mjs" "$@"\n`,
      { mode: 0o755 },
    );
    writeFileSync(
      join(directory, 'deploy.sh'),
      '#!/bin/sh\necho "deploys as $AWS_ASSUMED_ROLE_ARN in $AWS_REGION"\n',
      { mode: 0o755 },
    );
    writeFileSync(join(directory, 'bash-env'), 'export EARLIER=kept\n');
    const all = {
      PATH: `${bin}:${process.env.PATH}`,
      BASH_ENV: join(directory, 'bash-env'),
      CIRCLECI: 'true',
      CIRCLE_WORKFLOW_ID: '0123-abcd',
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      ...environment,
      AWS_OIDC_ROLE_ARN: roles.build,
      ...env,
    };
    const first = await runProgram('bash', ['-eo', 'pipefail', '-c', credentials], all, directory);
    const second = await runProgram(
      'bash',
      ['-eo', 'pipefail', '-c', `${deploy}; echo "$EARLIER"`],
      all,
      directory,
    );
    return { first, second };
  }

  it.each(['CIRCLE_OIDC_TOKEN', 'CIRCLE_OIDC_TOKEN_V2'])(
    'hands credentials from step to step, from %s',
    async (variable) => {
      const { first, second } = await runSteps({ [variable]: job.token });
      expect(first.exitCode).toBe(0);
      expect(`${first.stdout}${first.stderr}`).not.toMatch(/eyJ|IQoJ/);
      expect(second.stdout).toBe(
        'deploys as arn:aws:sts::111111111111:assumed-role/build/CircleCI-0123-abcd in ap-northeast-1\nkept\n',
      );
    },
  );

  it('says so where the job has no context', async () => {
    const { first } = await runSteps({});
    expect(first.exitCode).toBe(2);
    expect(first.stderr).toContain('CircleCI issues a token only to jobs with a context');
  });
});
