import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import wrapAnsi from 'wrap-ansi';
import { bundledWhoAmI } from './bundled-who-am-i.ts';
import { componentAddress, makeConsumer } from './catalog.ts';
import { runPipeline } from './pipeline.ts';
import { roles, type Sandbox, startSandbox } from './sandbox.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));

/**
 * Demonstrates the main use case on this machine: a project includes the component, and its next job calls AWS;
 * then the same on a branch that the role does not trust.
 */
const pipeline = `\
include:
  - component: ${componentAddress}/assume-role@${version}
    inputs:
      role_arn: ${roles.deploy}
      region: eu-central-1
      rules:
        - if: $CI_COMMIT_BRANCH   # every branch, to show a rejection

deploy:
  extends: .with-assume-role
  script:
    - node who-am-i.mjs     # instead of aws, terraform, cdk …
`;

/** CI_SERVER_URL in gitlab-ci-local, and the `iss` of the issuer's tokens. */
const instance = 'https://gitlab.example.com';
const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
const style = (format: Parameters<typeof styleText>[0], text: string) =>
  colour ? styleText(format, text) : text;
const width = process.stdout.columns ?? Number.POSITIVE_INFINITY;
const say = (text = '') => console.log(wrapAnsi(text, width, { trim: false }));

const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-demo-'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort(signal));
const sandbox = await startSandbox({ instance });
try {
  say(style('bold', '\naws-oidc: temporary AWS credentials for GitLab CI/CD, without stored keys'));
  say(`\nA project's complete pipeline:\n\n${style('cyan', indented(pipeline))}`);
  say('gitlab-ci-local runs it. Local servers stand in for GitLab (issuer) and AWS (STS).');
  const whoAmI = await bundledWhoAmI();

  say(style('bold', '\n1. Branch main: the role trusts it\n'));
  const trusted = await run(sandbox, 'main', whoAmI);
  const proved =
    trusted.exitCode === 0 &&
    trusted.actions.join() === 'AssumeRoleWithWebIdentity,GetCallerIdentity' &&
    trusted.reports.length === 1;
  verdict(proved, 'One request obtained the credentials, one used them. No key was stored beforehand.');

  say(style('bold', '\n2. Branch feature: the role does not trust it\n'));
  const stranger = await run(sandbox, 'feature', whoAmI);
  const refused =
    stranger.exitCode !== 0 &&
    stranger.actions.join() === 'AssumeRoleWithWebIdentity' &&
    stranger.reports.length === 0;
  verdict(
    refused,
    'Rejected after one request. The job deploy did not start, and no credentials were written.',
  );

  say('\nTo set this up in your project, see README.md. To try your own pipelines here: npm run sandbox\n');
} catch (error) {
  if (!stop.signal.aborted) throw error;
  say('\nStopped.');
  process.exitCode = 130;
} finally {
  await sandbox.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function run(on: Sandbox, branch: string, whoAmI: string) {
  const token = await on.issuer.mint({ job: { ref: branch, refProtected: branch === 'main' } });
  const consumer = makeConsumer({
    directory: mkdtempSync(join(directory, 'run-')),
    branch,
    pipeline,
    variables: { GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: on.sts.url },
    files: { 'who-am-i.mjs': whoAmI },
  });
  const before = on.sts.requests.length;
  let rest = '';
  const { exitCode } = await runPipeline(consumer, {
    colour,
    signal: stop.signal,
    onOutput(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter(isWorthReading)) sayBeside(line);
    },
  });
  const reports = readdirSync(consumer.directory).filter((name) => name.endsWith('.env'));
  return { exitCode, actions: on.sts.requests.slice(before).map(({ action }) => action), reports };
}

/** Prints one line of the pipeline's log, wrapped to the terminal's width. */
function sayBeside(line: string): void {
  const parts = wrapAnsi(line, width - 4, { hard: true, trim: false }).split('\n');
  for (const part of parts) say(`  ${style('dim', '│')} ${part}`);
}

/** Whether a line is more than gitlab-ci-local's messages about its own work. */
function isWorthReading(line: string): boolean {
  return !/^$|downloaded|parsing and|json schema|_started|took|exported artifacts|copied artifacts|collapsed/.test(
    line,
  );
}

function verdict(asExpected: boolean, text: string): void {
  if (!asExpected) process.exitCode = 1;
  const mark = asExpected ? style('green', '✔') : style('red', '✘ not as expected:');
  say(`\n  ${mark} ${text}`);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
