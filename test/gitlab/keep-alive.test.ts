import { describe, expect, it } from 'vitest';
import { roles, startSandbox } from '../../sandbox/sandbox.ts';
import { root } from '../support/run-program.ts';
import { type RunOptions, runInRunner } from './rig.ts';
import { runnerShells, secret } from './runner-shells.ts';

const ask = `'${process.execPath}' '${root}/test/support/endpoint-client.cjs' | cut -c 1-30`;
const place = 'echo "at $AWS_CONTAINER_CREDENTIALS_FULL_URI"';

/** A script that prints every second: a runner learns that a job is canceled only when it sends a part of the log. */
const busy = 'while :; do echo busy; sleep 1; done';

function pipeline(...script: readonly string[]): string {
  const inputs = { role_arn: roles.deploy, region: 'eu-central-1', keep_alive: true };
  const include = [{ component: '$CI_SERVER_FQDN/aws-oidc/aws-oidc/same-job@1.0.0', inputs }];
  return JSON.stringify({ include, deploy: { extends: '.aws-credentials', script: [place, ...script] } });
}

describe.concurrent.each(runnerShells)('same-job with keep_alive, in the runner with %s', (_, shell) => {
  async function run(text: string, options: Partial<RunOptions> = {}) {
    const sandbox = await startSandbox({ instance: 'https://gitlab.com' });
    const start = performance.now();
    const { deploy } = await runInRunner(text, { sandbox, shell, ...options });
    const seconds = (performance.now() - start) / 1000;
    const [, url = ''] = /^at (http:\/\/127\.0\.0\.1:\d+\/credentials)$/m.exec(deploy?.trace ?? '') ?? [];
    // the runner takes a moment to report the end of the job
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const server = await fetch(url).then(
      ({ status }) => String(status),
      (error) => String(error.cause?.code ?? error),
    );
    await sandbox.stop();
    return { trace: '', ...deploy, seconds, server };
  }

  it('serves the job, shows no secret, leaves nothing, and does not keep the runner', async () => {
    const { trace, state, exit_code, left, server, seconds } = await run(pipeline(ask));
    expect(trace).toMatch(/^200 \{"AccessKeyId":"ASIA/m);
    expect(trace.replace(/^200 .*$/m, '')).not.toMatch(secret);
    expect(trace).not.toMatch(/AUTHORIZATION_TOKEN=/);
    expect({ state, exit_code, left, server }).toEqual({
      state: 'success',
      exit_code: 0,
      left: [],
      server: 'ECONNREFUSED',
    });
    expect(seconds).toBeLessThan(60);
  });

  it.each([
    ['that is canceled', [busy], ['--cancel-after', '8'], 'job_canceled'],
    ['that times out', [busy], ['--timeout', '8'], 'job_execution_timeout'],
    // the script runs in a subshell, which is the parent of this one
    ['whose shell is killed', ["sh -c 'kill -KILL $PPID'", busy], [], 'script_failure'],
    ['that fails', ['exit 3'], [], 'script_failure'],
  ])('ends the server with a job %s', async (_case, script, args, reason) => {
    const { failure_reason, left, server, trace } = await run(pipeline(...script), { args });
    expect(trace).not.toMatch(secret);
    expect({ failure_reason, server }).toEqual({ failure_reason: reason, server: 'ECONNREFUSED' });
    expect(left).toEqual([]);
  });
});
