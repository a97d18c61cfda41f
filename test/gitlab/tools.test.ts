import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { startCodeArtifact } from '../support/codeartifact.ts';
import { startEksCluster } from '../support/eks-cluster.ts';
import { type Moto, peers, startMoto } from '../support/moto.ts';
import { nodeUnderTest, root } from '../support/run-program.ts';
import { motoAccount } from '../support/setup-workplace.ts';
import { runInRunner } from './rig.ts';

/** The examples for tools that are run with the real tools. */
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ instance: 'https://gitlab.com' });
});
afterAll(() => sandbox.stop());

const isMissing = (tool: string) => spawnSync('which', [tool]).status !== 0;

function skipWithout(context: TestContext, ...tools: readonly string[]): void {
  for (const tool of tools) context.skip(isMissing(tool), `"${tool}" is not installed on this machine`);
}

/** An example, with a role that the sandbox has. */
const exampleOf = (name: string) =>
  readFileSync(join(root, 'examples', name), 'utf8').replaceAll(/arn:aws:iam::\d+:role\/\w+/g, roles.build);

/** A folder with files of the repository, changed by `edit`. */
function sourceWith(files: Readonly<Record<string, string>>, ...copied: readonly string[]): string {
  const source = mkdtempSync(join(tmpdir(), 'source-'));
  for (const path of copied) cpSync(join(root, path), join(source, path), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  return source;
}

/** The program of this checkout, where the example has the one of the npm package. */
function programAs(name: string, arguments_: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bin-'));
  const script = `#!/bin/sh\n${arguments_}\nexec "${nodeUnderTest}" "${root}/dist/aws-oidc.mjs" "$@"\n`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
  return folder;
}

const session = 'arn:aws:sts::111111111111:assumed-role/build/GitLabRunner-20-4242';

describe('examples', () => {
  it('eks.gitlab-ci.yml: kubectl has a token that the cluster accepts', async (context) => {
    skipWithout(context, 'kubectl');
    const cluster = await startEksCluster('shop', sandbox.sts.keys);
    const kubeconfig = readFileSync(join(root, 'examples/eks/kubeconfig.yml'), 'utf8')
      .replace(/server: .*/, `server: ${cluster.url}`)
      .replace(/data: .*/, `data: ${Buffer.from(cluster.ca).toString('base64')}`);
    const pipeline = exampleOf('eks.gitlab-ci.yml').replace(/kubectl apply .*/, 'kubectl get --raw /version');
    const { deploy } = await runInRunner(pipeline, {
      sandbox,
      args: [
        ...['--path', programAs('aws-oidc', '')],
        ...['--source', sourceWith({ 'examples/eks/kubeconfig.yml': kubeconfig })],
      ],
    });
    cluster.stop();
    expect(deploy?.trace).toMatch(new RegExp(`Username +${session}`));
    expect(cluster.requests).toContain(`${session}: GET /version`);
    expect(deploy?.trace).not.toContain('k8s-aws-v1');
    expect(deploy).toMatchObject({ state: 'success', left: [] });
  });

  it('codeartifact.gitlab-ci.yml: npm, pip and Maven have the token, and the log has not', async (context) => {
    skipWithout(context, 'npm', 'mvn');
    const codeArtifact = await startCodeArtifact();
    const real = /https:\/\/acme-111111111111\.d\.codeartifact\.eu-central-1\.amazonaws\.com/g;
    const fake = (text: string) =>
      text
        .replaceAll(real, `http://${codeArtifact.host}`)
        .replaceAll('//acme-111111111111.d.codeartifact.eu-central-1.amazonaws.com', `//${codeArtifact.host}`)
        // netrc has no ports
        .replaceAll('acme-111111111111.d.codeartifact.eu-central-1.amazonaws.com', '127.0.0.1');
    const file = (path: string) => [path, fake(readFileSync(join(root, path), 'utf8'))] as const;
    const source = sourceWith({
      ...Object.fromEntries([
        file('examples/codeartifact/.npmrc'),
        file('examples/codeartifact/settings.xml'),
      ]),
      'pom.xml':
        '<project><modelVersion>4.0.0</modelVersion><parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>1</version></parent><artifactId>shop</artifactId><packaging>pom</packaging></project>',
    });
    const jobs = await runInRunner(fake(exampleOf('codeartifact.gitlab-ci.yml')), {
      sandbox,
      variables: {
        AWS_ENDPOINT_URL_CODEARTIFACT: `http://${codeArtifact.host}`,
        MAVEN_OPTS: `-Dmaven.repo.local=${source}/repository`,
      },
      args: ['--path', `${programAs('npx', 'shift 2')}:${peers}`, '--source', source],
    });
    codeArtifact.stop();
    for (const job of Object.values(jobs)) {
      expect(job.trace).not.toContain(codeArtifact.token.slice(0, 40));
      expect(job).toMatchObject({ state: 'success' });
    }
    expect(Object.keys(jobs).sort()).toEqual(['codeartifact', 'maven', 'npm', 'pip']);
    expect(codeArtifact.requests).toEqual(
      expect.arrayContaining([
        'Bearer /npm/shop/left-pad/-/left-pad-1.0.0.tgz',
        'Basic /pypi/shop/left_pad-1.0.0-py3-none-any.whl',
        'Basic /maven/shop/com/acme/parent/1/parent-1.pom',
      ]),
    );
  });

  describe('terraform-backend.gitlab-ci.yml, with moto as AWS', () => {
    let moto: Moto;
    beforeAll(async () => {
      moto = await startMoto();
    });
    afterAll(() => moto.stop());

    /** The AWS CLI with the administrator of moto's account. */
    function aws(region: string, ...args: readonly string[]): string {
      const keys = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };
      return execFileSync(join(peers, 'aws'), args, {
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH ?? '',
          HOME: '/nonexistent',
          AWS_ENDPOINT_URL: moto.url,
          ...keys,
          AWS_DEFAULT_REGION: region,
        },
      });
    }

    // a provider of AWS could not be downloaded: terraform_data is part of Terraform, the backend too
    it.skipIf(isMissing('terraform')).each([
      ['aws', 'eu-central-1'],
      ['aws-us-gov', 'us-gov-west-1'],
      ['aws-cn', 'cn-north-1'],
    ])('in the partition %s: plans without a lock, applies with one', async (partition, region) => {
      const bucket = `acme-${region}`;
      aws(
        region,
        's3api',
        'create-bucket',
        '--bucket',
        bucket,
        '--create-bucket-configuration',
        `LocationConstraint=${region}`,
      );
      const pipeline = readFileSync(join(root, 'examples/terraform-backend.gitlab-ci.yml'), 'utf8')
        .replaceAll('arn:aws:iam::111111111111:', `arn:${partition}:iam::${motoAccount}:`)
        .replaceAll('eu-central-1', region)
        // the runner does not start manual jobs
        .replace(/ +when: manual\n/, '');
      const main = `terraform {
  backend "s3" {
    bucket       = "${bucket}"
    key          = "shop.tfstate"
    use_lockfile = true
  }
}
resource "terraform_data" "site" { input = "v1" }
`;
      const jobs = await runInRunner(pipeline, {
        sandbox,
        variables: {
          AWS_ENDPOINT_URL: moto.url,
          // Terraform does not use the other one for the exchange
          AWS_ENDPOINT_URL_STS: moto.url,
          CHECKPOINT_DISABLE: '1',
          // a project variable from the time of static keys
          AWS_PROFILE: 'dev',
        },
        args: ['--source', sourceWith({ 'main.tf': main })],
      });
      expect(jobs['assume-plan']?.trace).toMatch(new RegExp(`Region +${region}`));
      for (const name of ['plan', 'apply']) expect(jobs[name]).toMatchObject({ state: 'success', left: [] });
      expect(jobs.apply?.trace).toContain('Apply complete! Resources: 1 added');
      const objects = aws(
        region,
        's3api',
        'list-objects-v2',
        '--bucket',
        bucket,
        '--query',
        'Contents[].Key',
        '--output',
        'text',
      );
      expect(objects.trim()).toBe('shop.tfstate');
    });
  });
});
