import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundledWhoAmI } from '../../sandbox/bundled-who-am-i.ts';
import { makeConsumer } from '../../sandbox/catalog.ts';
import type { SandboxPipeline } from '../../sandbox/gitlab-pipelines.ts';
import { runPipeline } from '../../sandbox/pipeline.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { type Moto, startMoto } from '../support/moto.ts';
import {
  iamAt,
  instance,
  makeWorkplace,
  motoAccount,
  pipelineIn,
  runCli,
} from '../support/setup-workplace.ts';

let moto: Moto;
let sandbox: Sandbox;
beforeAll(async () => {
  [moto, sandbox] = await Promise.all([startMoto(), startSandbox({ instance })]);
}, 90_000);
afterAll(async () => {
  moto?.stop();
  await sandbox?.stop();
});

/** A team's pipeline before it knows this project: its job will need AWS. */
const pipeline = `\
stages: [build, deploy]

build:
  stage: build
  script:
    - echo built

deploy:
  stage: deploy
  extends: .with-assume-role
  script:
    - node who-am-i.mjs
`;

it('a clone and an empty account have the first downstream job with credentials after four commands', async () => {
  const whoAmI = await bundledWhoAmI();
  const logs: string[] = [];
  const place = await makeWorkplace({
    awsUrl: moto.url,
    pipeline,
    files: { 'who-am-i.mjs': whoAmI },
    onPipeline: (started) => {
      runOnRunner(started, pipelineIn(place), whoAmI).then((log) => logs.push(log));
    },
  });
  const start = performance.now();
  const setUp = await runCli(place, ['setup', '--yes']);
  expect(setUp.exitCode).toBe(0);
  place.git('commit', '--all', '--quiet', '--message', 'AWS credentials');
  place.git('push', '--quiet', 'origin', 'main');
  const run = await runCli(place, ['setup', '--run']);
  const seconds = (performance.now() - start) / 1000;

  expect(run.text).toContain('Nothing to change.');
  expect(run.text).toMatch(
    /✔ The job https:\/\/gitlab\.example\.com\/acme\/shop\/-\/jobs\/\d+ has the credentials/,
  );
  expect(run.exitCode).toBe(0);
  await expect
    .poll(() => logs.join(''))
    .toContain(`STS: you are arn:aws:sts::${motoAccount}:assumed-role/gitlab-acme-shop/`);
  process.stdout.write(
    `From a clone to the first job with credentials: 4 commands, ${seconds.toFixed(1)} s\n`,
  );
  await place.gitlab.stop();
}, 120_000);

/** Runs the pipeline that was pushed, with a token of the sandbox's issuer, and an STS that has moto's role. */
async function runOnRunner(started: SandboxPipeline, text: string, whoAmI: string): Promise<string> {
  const job = started.addJob('assume-role', '.pre');
  job.set('running');
  await copyFromMoto();
  const consumer = makeConsumer({
    directory: mkdtempSync(join(tmpdir(), 'aws-oidc-runner-')),
    branch: started.ref,
    pipeline: text,
    variables: {
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint({ job: { ref: started.ref } }),
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
    },
    files: { 'who-am-i.mjs': whoAmI },
  });
  const { exitCode, log } = await runPipeline(consumer);
  job.set(exitCode === 0 ? 'success' : 'failed', exitCode === 0 ? undefined : 'script_failure');
  return log;
}

/** The sandbox's STS decides with the provider and the trust policy that moto's IAM has. */
async function copyFromMoto(): Promise<void> {
  const iam = iamAt(moto.url);
  const provider = `arn:aws:iam::${motoAccount}:oidc-provider/gitlab.example.com`;
  const role = await iam.role('gitlab-acme-shop');
  const clientIds = (await iam.audiencesOf(provider)) ?? [];
  sandbox.sts.iam
    .addProvider({ account: motoAccount, url: instance, clientIds, keysFrom: sandbox.issuer.url })
    .addRole({ arn: role?.arn ?? '', trustPolicy: JSON.stringify(role?.trustPolicy) });
}
