import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../sandbox/certificate.ts';
import { roles, startSandbox } from '../../sandbox/sandbox.ts';
import { useSandbox } from '../support/command-run.ts';
import { readTemplate } from '../support/configuration.ts';
import { startProxy } from '../support/proxy.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';

const programs = process.env.AWS_OIDC_PEERS ?? '';
const job = useSandbox();
const template = readTemplate('web-identity');

afterEach(() => {
  job.sandbox.sts.keys.maxSeconds = Number.POSITIVE_INFINITY;
});

/** Asks who it is, waits until the first session is over, and asks again with the same SDK session. */
const askTwice = `
import botocore.session, time
client = botocore.session.get_session().create_client("sts")
print("first", client.get_caller_identity()["Arn"])
time.sleep(3)
print("second", client.get_caller_identity()["Arn"])
`;

describe.each(shells)('web-identity in %s', (_, shell, args) => {
  function runJob(script: string, inputs: Record<string, unknown> = {}) {
    const given = { role_arn: roles.deploy, session_name: 'web-identity', region: 'eu-central-1', ...inputs };
    const { before_script: [prepare] = [], variables } = template.configure(given)['.aws-web-identity'] ?? {};
    return runProgram(shell, [...args, `${prepare}\n${script}`], {
      PATH: `${programs}:${process.env.PATH}`,
      GITLAB_OIDC_TOKEN: job.token,
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      // a long-lived key that would win in silence
      AWS_ACCESS_KEY_ID: 'AKIASTATIC',
      AWS_SECRET_ACCESS_KEY: 'static',
      ...variables,
    });
  }
  const arn = 'arn:aws:sts::111111111111:assumed-role/deploy/web-identity';

  it('lets botocore assume the role, and again when the first session is over', async () => {
    job.sandbox.sts.keys.maxSeconds = 2;
    const script = join(mkdtempSync(join(tmpdir(), 'botocore-')), 'ask.py');
    writeFileSync(script, askTwice);
    const before = job.sandbox.sts.requests.length;
    const { exitCode, stdout } = await runJob(`python3 ${script}`);
    const actions = job.sandbox.sts.requests.slice(before).map(({ action }) => action);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`first ${arn}\nsecond ${arn}\n`);
    expect(actions.filter((action) => action === 'AssumeRoleWithWebIdentity').length).toBeGreaterThanOrEqual(
      2,
    );
  });

  it.each([
    ['by its variables', {}],
    ['by a profile', { profile: 'ci' }],
  ])('lets the AWS CLI assume the role %s', async (_how, inputs) => {
    const { exitCode, stdout } = await runJob(
      'aws sts get-caller-identity --query Arn --output text',
      inputs,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${arn}\n`);
  });
});

describe("Debian's AWS CLI", () => {
  it('assumes the role through web-identity at the address of AWS, twice, the second time after the first session', async () => {
    const host = 'sts.eu-central-1.amazonaws.com';
    const certificate = await makeCertificate(host);
    const sandbox = await startSandbox({ certificate });
    sandbox.sts.keys.maxSeconds = 1;
    // it knows no other endpoint for the exchange, so a proxy leads that host's name to this machine
    const proxy = await startProxy(undefined, new URL(sandbox.sts.url));
    const ca = join(mkdtempSync(join(tmpdir(), 'ca-')), 'ca.pem');
    writeFileSync(ca, certificate.cert);
    const inputs = { role_arn: roles.deploy, session_name: 'debian', region: 'eu-central-1' };
    const { before_script: [prepare] = [], variables } =
      template.configure(inputs)['.aws-web-identity'] ?? {};
    const ask = `${process.env.AWS_CLI_V2} sts get-caller-identity --query Arn --output text`;
    const { exitCode, stdout } = await runProgram('sh', ['-e', '-c', `${prepare}\n${ask}\nsleep 2\n${ask}`], {
      PATH: process.env.PATH ?? '',
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
      HTTPS_PROXY: proxy.url,
      AWS_CA_BUNDLE: ca,
      AWS_STS_REGIONAL_ENDPOINTS: 'regional',
      ...variables,
    });
    const actions = sandbox.sts.requests.map(({ action }) => action);
    proxy.stop();
    await sandbox.stop();
    const arn = 'arn:aws:sts::111111111111:assumed-role/deploy/debian';
    expect(exitCode).toBe(0);
    expect(stdout.endsWith(`${arn}\n${arn}\n`)).toBe(true);
    expect(actions.filter((action) => action === 'AssumeRoleWithWebIdentity')).toHaveLength(2);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${host}:443`]));
  });
});
