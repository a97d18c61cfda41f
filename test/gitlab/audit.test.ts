import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { iamOf, makeRole, openTrustPolicy } from '../support/aws-setup.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import { type JobResult, runInRunner } from './rig.ts';
import { runnerShells, secret } from './runner-shells.ts';

const account = '111111111111';

let moto: Moto;
let sandbox: Sandbox;
beforeAll(async () => {
  [moto, sandbox] = await Promise.all([startMoto(), startSandbox({ instance: 'https://gitlab.com' })]);
  const iam = await iamOf(moto.url, account);
  await makeRole(iam, { name: 'open', trustPolicy: openTrustPolicy(account) });
}, 90_000);
afterAll(async () => {
  moto?.stop();
  await sandbox?.stop();
});

/** The audit job, which then prints the files that it wrote: the runner here uploads only the links. */
const pipeline = (inputs: Readonly<Record<string, unknown>> = {}) => `include: ${JSON.stringify([
  {
    component: '$CI_SERVER_FQDN/aws-oidc/aws-oidc/audit@1.0.0',
    inputs: { role_arn: roles.deploy, region: 'eu-central-1', ...inputs },
  },
])}
audit:
  after_script: ['echo "REPORT=$(cat gl-code-quality-report.json | tr -d "\\n")"']
`;

async function audit(inputs: Readonly<Record<string, unknown>>, args: readonly string[]): Promise<JobResult> {
  const variables = { AWS_ENDPOINT_URL: moto.url };
  const jobs = await runInRunner(pipeline(inputs), { sandbox, args, variables });
  return jobs.audit as JobResult;
}

/** The Code Quality report of a job. */
function reportOf({ trace }: JobResult): readonly { readonly check_name: string }[] {
  return JSON.parse(/^REPORT=(.*)$/m.exec(trace)?.[1] ?? 'null');
}

/** A repository with a baseline that the command line wrote. */
async function repository(): Promise<string> {
  const iam = await iamOf(moto.url, account);
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await iam.config.credentials();
  const args = [join(root, 'dist/aws-oidc.mjs'), 'audit', '--write-baseline', 'known-roles.json'];
  const { directory } = await runProgram(nodeUnderTest, args, {
    AWS_ENDPOINT_URL: moto.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  });
  return directory;
}

describe.each(runnerShells)('the audit job in the runner with %s', (_, shell) => {
  it('finds an open role, and ends with 1', async () => {
    const job = await audit({}, shell);
    expect(job).toMatchObject({ state: 'failed', exit_code: 1, failure_reason: 'script_failure', left: [] });
    expect(job.trace).toContain(`Account ${account}: 1 of 1 role`);
    expect(job.trace).toContain('✘ role open: blocker');
    expect(job.trace).toContain('any project on gitlab.com');
    expect(reportOf(job).map(({ check_name: rule }) => rule)).toEqual([
      'subject-any-project',
      'name-without-id',
      'provider-missing',
    ]);
    expect(job.annotations).toEqual({
      'Roles with findings': [
        {
          external_link: {
            label: `blocker: open in ${account}`,
            url: 'https://console.aws.amazon.com/iam/home#/roles/details/open',
          },
        },
      ],
    });
    expect(job.trace).not.toMatch(secret);
  });

  it('ends with 0 if the findings are in a baseline of the repository', async () => {
    const job = await audit({ baseline: 'known-roles.json' }, [...shell, '--source', await repository()]);
    expect(job).toMatchObject({ state: 'success', exit_code: 0, left: [] });
    expect(job.trace).toContain('0 new, 3 known from the baseline, 0 gone.');
    expect(job.annotations).toEqual({});
    expect(job.trace).not.toMatch(secret);
  });
});
