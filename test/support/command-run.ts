import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { assumeRoleCommand } from '../../src/commands/session/assume-role.ts';
import type { Inputs } from '../../src/exchange/inputs.ts';
import type { RetryLimits } from '../../src/network/retry.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';

/** Short enough that a test can wait for the deadline. */
export const limits: RetryLimits = { deadlineMs: 2000, attemptMs: 500, firstPauseMs: 20, maxPauseMs: 100 };

/** A sandbox for a whole test file, without leftover faults from test to test. */
export function useSandbox() {
  let sandbox: Sandbox;
  let token: string;
  beforeAll(async () => {
    sandbox = await startSandbox();
    token = await sandbox.issuer.mint();
  });
  afterAll(() => sandbox.stop());
  afterEach(() => sandbox.sts.faults.clear());

  return {
    get sandbox() {
      return sandbox;
    },
    get token() {
      return token;
    },
    /** The Io of a job whose exchange would succeed. */
    io: (env: Record<string, string | undefined> = {}): FakeIo =>
      fakeIo({ GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: sandbox.sts.url, ...env }),
    /** Runs the command as a job would, and returns the result. */
    async run(inputs: Inputs = {}, env: Record<string, string | undefined> = {}) {
      const io = this.io(env);
      const before = sandbox.sts.requests.length;
      const exitCode = await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy, ...inputs } }, limits);
      const actions = sandbox.sts.requests.slice(before).map(({ action }) => action);
      return { io, exitCode, log: io.text(), actions, requests: actions.length };
    },
  };
}

/** The variables of the report that the command wrote. */
export function dotenvOf(io: FakeIo): Record<string, string> {
  const lines = readFileSync(join(io.directory, 'aws-oidc.env'), 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) as [string, string]));
}
