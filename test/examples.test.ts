import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeConsumer } from '../sandbox/catalog.ts';
import { runPipeline } from '../sandbox/pipeline.ts';
import { roles } from '../sandbox/sandbox.ts';
import { findPolicies } from '../src/trust-policy/documents.ts';
import { lint } from '../src/trust-policy/lint.ts';
import { useSandbox } from './support/command-run.ts';
import { root, runProgram } from './support/run-program.ts';

const job = useSandbox();
const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.gitlab-ci.yml'));

/** The tools of the examples, which tell what they find instead of doing it. */
const tool = `#!/bin/sh
echo "$(basename "$0") has \${AWS_ASSUMED_ROLE_ARN:-\${AWS_WEB_IDENTITY_TOKEN_FILE:+a token for $AWS_ROLE_ARN}} \${AWS_PROFILE:+and the profile $AWS_PROFILE}"
`;

describe('examples/circleci/trust-policy.json', () => {
  it('has none of the dangers that lint knows', () => {
    const text = readFileSync(join(root, 'examples/circleci/trust-policy.json'), 'utf8');
    expect(findPolicies(text).flatMap(lint)).toEqual([]);
  });
});

describe.each(examples)('examples/%s', (name) => {
  it('runs, and its tools find what they need', async () => {
    const text = readFileSync(join(root, 'examples', name), 'utf8');
    const consumer = makeConsumer({
      directory: mkdtempSync(join(tmpdir(), 'example-')),
      pipeline: text
        .replaceAll('$CI_SERVER_FQDN/aws-oidc/aws-oidc', 'gitlab.example.com/aws-oidc/aws-oidc')
        // roles that the sandbox has
        .replaceAll(/=?arn:aws:iam::(\d+|\$ACCOUNT):role\/\w+/g, (arn) =>
          arn.startsWith('=') ? `=${roles.build}` : roles.build,
        )
        .replaceAll('when: manual', 'when: on_success'),
      variables: {
        GITLAB_OIDC_TOKEN: job.token,
        AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
        DEPLOY_ROLE_ARN: roles.build,
        BUCKET: 'site',
      },
    });
    const tools = mkdtempSync(join(tmpdir(), 'tools-'));
    for (const command of ['terraform', 'aws', 'npm', 'npx'])
      writeFileSync(join(tools, command), tool, { mode: 0o755 });
    for (const script of ['deploy.sh', 'copy.sh', 'migrate.sh']) {
      writeFileSync(join(consumer.directory, script), tool, { mode: 0o755 });
    }
    const { exitCode, log } = await runPipeline(consumer, { shellDirectory: tools });
    expect(log).toMatch(
      /has (arn:aws:sts::111111111111:assumed-role\/build\/|a token for arn:aws:iam::111111111111:role\/ci\/build| and the profile staging)/,
    );
    expect(log).not.toMatch(/has +$/m);
    expect(exitCode).toBe(0);
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
    expect(first.stderr).toContain('CircleCI gives a token only to jobs that use at least one context');
  });
});
