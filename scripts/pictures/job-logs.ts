import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roles, startSandbox } from '../../sandbox/sandbox.ts';
import { root } from '../bundle/bundle.ts';
import { terminalSvg } from './terminal-svg.ts';

/** Pictures of job logs, by file path. */
export type Pictures = ReadonlyMap<string, string>;

/**
 * Runs the program of `assume-role` against the sandbox, on a branch that the role trusts and on one that it
 * does not trust, and draws the logs. Times are replaced and the address of the sandbox's STS is left out,
 * because they differ from run to run.
 */
export async function jobLogs(): Promise<Pictures> {
  const sandbox = await startSandbox({ instance: 'https://gitlab.example.com' });
  const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-pictures-'));
  try {
    const log = async (ref: string, refProtected: boolean) => {
      const token = await sandbox.issuer.mint({ job: { ref, refProtected } });
      return stable(
        await run(directory, { GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: sandbox.sts.url }),
      );
    };
    return new Map([
      ['docs/job-log-success.svg', terminalSvg(await log('main', true), 'Job log of a successful exchange')],
      [
        'docs/job-log-refusal.svg',
        terminalSvg(await log('feature/login', false), 'Job log of a refused exchange'),
      ],
    ]);
  } finally {
    await sandbox.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(directory: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const env = {
    ...variables,
    CI_JOB_ID: '1',
    CI_SERVER_URL: 'https://gitlab.example.com',
    CI_DEFAULT_BRANCH: 'main',
    AWS_OIDC_ROLE_ARN: roles.deploy,
    AWS_OIDC_REGION: 'eu-central-1',
    AWS_OIDC_SESSION_NAME: 'GitLabRunner-20-4711',
  };
  const program = join(root, 'dist/assume-role.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [program], { cwd: directory, env }, (_error, stdout) => resolve(stdout));
  });
}

function stable(log: string): string {
  return log
    .replace(/^.*Endpoint.*http:.*\n/m, '')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '2026-01-31T23:59:00Z');
}
