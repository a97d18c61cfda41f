import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { componentAddress, makeConsumer } from '../../sandbox/catalog.ts';
import { runPipeline } from '../../sandbox/pipeline.ts';
import { freePort } from '../support/free-port.ts';
import { busyboxAsBash } from '../support/shells.ts';
import { unsignedToken } from '../support/token.ts';

const programs = process.env.AWS_OIDC_PEERS ?? '';
let moto: ChildProcess;
let url: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  moto = spawn(join(programs, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  await answers(url);
}, 60_000);
afterAll(() => {
  moto.kill();
});

async function answers(address: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const ready = await fetch(`${address}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('moto did not start');
}

describe.each([
  ['bash', ''],
  ['busybox sh', busyboxAsBash()],
])('with moto as STS, in %s', (_, shell) => {
  it('a pipeline gets credentials that the AWS CLI uses', async () => {
    const consumer = makeConsumer({
      directory: mkdtempSync(join(tmpdir(), 'moto-')),
      pipeline: `
include:
  - component: ${componentAddress}/assume-role@1
    inputs:
      role_arn: arn:aws:iam::111111111111:role/deploy
      region: eu-central-1
      role_chain: ["arn:aws:iam::222222222222:role/next"]
deploy:
  extends: .with-assume-role
  script:
    - aws sts get-caller-identity --query Arn --output text
    - aws configure list
`,
      variables: {
        GITLAB_OIDC_TOKEN: unsignedToken({ exp: Math.floor(Date.now() / 1000) + 300 }),
        AWS_ENDPOINT_URL_STS: url,
      },
    });
    const shellDirectory = [shell, programs].filter(Boolean).join(delimiter);
    const { exitCode, log } = await runPipeline(consumer, { shellDirectory });
    expect(log).toContain('✔ arn:aws:sts::222222222222:assumed-role/next/GitLabRunner-1217-1000 until ');
    expect(log).toMatch(/deploy +> arn:aws:sts::222222222222:assumed-role\/next\/GitLabRunner-1217-1000/);
    expect(log).toMatch(/region .*eu-central-1/);
    expect(exitCode).toBe(0);
  });
});
