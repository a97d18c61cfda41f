import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledWhoAmI } from '../../sandbox/bundled-who-am-i.ts';
import { roles } from '../../sandbox/sandbox.ts';
import { dotenvOf, useSandbox } from '../support/command-run.ts';
import { readTemplate } from '../support/configuration.ts';
import { peers } from '../support/moto.ts';
import { runProgram } from '../support/run-program.ts';

/**
 * A runner in a Kubernetes cluster on EKS: its pods have a role of their own, `build`, with the variables that EKS
 * sets for service accounts (IRSA) and for Pod Identity. The job's role is `deploy`.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-configuration.html
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 */
const job = useSandbox();
let podIdentity: Server;
let folder: string;
let pods: Readonly<Record<string, Readonly<Record<string, string>>>>;
let session: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'runner-role-'));
  const { io: runner } = await job.run({ role_arn: roles.build });
  const { io: own } = await job.run({ role_arn: roles.deploy });
  session = dotenvOf(own);
  podIdentity = await startPodIdentity(dotenvOf(runner));
  writeFileSync(join(folder, 'token'), job.token);
  writeFileSync(join(folder, 'who-am-i.mjs'), await bundledWhoAmI());
  writeFileSync(
    join(folder, 'who-am-i.py'),
    'import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])',
  );
  const { port } = podIdentity.address() as AddressInfo;
  const irsa = { AWS_ROLE_ARN: roles.build, AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token') };
  const container = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'token'),
  };
  pods = { IRSA: irsa, 'Pod Identity': container, 'both of them': { ...irsa, ...container } };
});
afterAll(() => podIdentity.close());

/** The agent in each node that gives pods the credentials of their role. */
async function startPodIdentity(of: Readonly<Record<string, string>>): Promise<Server> {
  const credentials = {
    AccessKeyId: of.AWS_ACCESS_KEY_ID,
    SecretAccessKey: of.AWS_SECRET_ACCESS_KEY,
    Token: of.AWS_SESSION_TOKEN,
    Expiration: of.AWS_CREDENTIAL_EXPIRATION,
  };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(credentials));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const tools = {
  'the AWS CLI': 'aws sts get-caller-identity --query Arn --output text',
  boto3: 'python3 who-am-i.py',
  'the JavaScript SDK': 'node who-am-i.mjs',
};

const components: readonly (readonly [
  name: string,
  template: string,
  job: string,
  inputs: Record<string, unknown>,
])[] = [
  ['assume-role', 'assume-role', '.with-assume-role', { role_arn: roles.deploy }],
  ['same-job', 'same-job', '.aws-credentials', { role_arn: roles.deploy }],
  ['same-job with profiles', 'same-job', '.aws-credentials', { role_arns: [`own=${roles.deploy}`] }],
  ['web-identity', 'web-identity', '.aws-web-identity', { role_arn: roles.deploy }],
  [
    'web-identity with a profile',
    'web-identity',
    '.aws-web-identity',
    { role_arn: roles.deploy, profile: 'own' },
  ],
];

/** Runs all tools in a job of a pod, and returns the role that each of them has. */
async function rolesIn(pod: string, script: readonly string[], env: Readonly<Record<string, string>>) {
  const asks = Object.values(tools).map(
    (tool) => `${tool} 2>&1 | grep -o 'assumed-role/[a-z]*' || echo none`,
  );
  const { stdout } = await runProgram(
    'bash',
    ['-eo', 'pipefail', '-c', [...script, ...asks].join('\n')],
    {
      PATH: [peers, join(process.execPath, '..'), process.env.PATH].join(delimiter),
      HOME: folder,
      GITLAB_OIDC_TOKEN: job.token,
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...pods[pod],
      ...env,
    },
    folder,
  );
  return stdout.trim().split('\n').slice(-asks.length);
}

describe('on a runner with a role of its own', () => {
  it.concurrent.each(components)(
    '%s: every tool has the role of the job',
    async (_, template, name, inputs) => {
      const { before_script = [], variables } =
        readTemplate(template).configure({ session_name: 'a-job', ...inputs })[name] ?? {};
      const env = { ...variables, ...(template === 'assume-role' && session) };
      const all = Object.keys(tools).map(() => 'assumed-role/deploy');
      expect(await rolesIn('both of them', before_script, env)).toEqual(all);
    },
  );

  it.concurrent.each(['IRSA', 'Pod Identity'])(
    'a job without a component has it, through %s',
    async (pod) => {
      expect(await rolesIn(pod, [], {})).toEqual(Object.keys(tools).map(() => 'assumed-role/build'));
    },
  );
});
