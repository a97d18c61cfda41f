import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitlabApiServer, startGitlabApi } from '../../sandbox/gitlab-api.ts';
import type { SandboxPipeline } from '../../sandbox/gitlab-pipelines.ts';
import { sandboxTokens } from '../../sandbox/gitlab-tokens.ts';
import { createIam, type Iam } from '../../src/aws-api/iam.ts';
import { proxiedHandler } from '../../src/aws-api/proxied-handler.ts';
import { nodeUnderTest, root } from './run-program.ts';

/** The account of everything in moto. */
export const motoAccount = '123456789012';

export const instance = 'https://gitlab.example.com';
const defaultInstance = instance;

/** A person's machine: a clone of acme/shop, a configuration of glab, AWS credentials, and the servers behind them. */
export interface Workplace {
  readonly clone: string;
  readonly home: string;
  readonly gitlab: GitlabApiServer;
  /** The environment of the person's shell. */
  readonly env: Readonly<Record<string, string>>;
  git(...args: readonly string[]): string;
}

export interface WorkplaceOptions {
  readonly awsUrl: string;
  /** The GitLab instance; by default gitlab.example.com. */
  readonly instance?: string;
  readonly pipeline?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly onPipeline?: (pipeline: SandboxPipeline) => void;
}

/** Creates the repository that GitLab would have, a clone of it, and the API for it. */
export async function makeWorkplace(options: WorkplaceOptions): Promise<Workplace> {
  const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-setup-'));
  const [home, clone, bare] = [join(directory, 'home'), join(directory, 'shop'), join(directory, 'shop.git')];
  for (const folder of [home, clone]) mkdirSync(folder);
  const { instance = defaultInstance } = options;
  const { pipeline = 'stages: [build]\n\nbuild:\n  script: [make]\n', files = {} } = options;
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    AWS_ENDPOINT_URL: options.awsUrl,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_REGION: 'eu-central-1',
    // for version 1 of the AWS CLI
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: clone, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const gitlab = await startGitlabApi({
    instance,
    ...(options.onPipeline && { onPipeline: options.onPipeline }),
    projects: [project(() => git('--git-dir', bare, 'show', 'main:.gitlab-ci.yml'))],
  });
  git('init', '--quiet', '--bare', '--initial-branch', 'main', bare);
  git('init', '--quiet', '--initial-branch', 'main');
  for (const [name, value] of Object.entries({ 'user.name': 'Someone', 'user.email': 'someone@example.com' }))
    git('config', '--global', name, value);
  // the remote has the instance's address, and git finds the repository on this machine
  git('config', '--global', `url.file://${bare}.pushInsteadOf`, `${instance}/acme/shop.git`);
  git('remote', 'add', 'origin', `${instance}/acme/shop.git`);
  for (const [name, text] of Object.entries({ '.gitlab-ci.yml': pipeline, ...files }))
    writeFileSync(join(clone, name), text);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'start');
  git('push', '--quiet', 'origin', 'main');
  writeGlabConfig(home, gitlab.url, sandboxTokens.maintainer.text, instance);
  return { clone, home, gitlab, env, git };
}

/** glab's configuration can name another address of the API, so the instance keeps its own. */
export function writeGlabConfig(
  home: string,
  apiUrl: string,
  token: string = sandboxTokens.maintainer.text,
  of: string = instance,
): void {
  const folder = join(home, '.config/glab-cli');
  mkdirSync(folder, { recursive: true });
  const { host, protocol } = new URL(apiUrl);
  const settings = `    token: ${token}\n    api_host: ${host}\n    api_protocol: ${protocol.replace(':', '')}\n`;
  writeFileSync(join(folder, 'config.yml'), `hosts:\n  ${new URL(of).host}:\n${settings}`, { mode: 0o600 });
}

function project(pipeline: () => string) {
  return {
    id: 20,
    path: 'acme/shop',
    namespaceId: 72,
    visibility: 'private' as const,
    protectedBranches: ['main'],
    branches: {
      main: {
        get '.gitlab-ci.yml'() {
          return pipeline();
        },
      },
    },
  };
}

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly text: string;
  readonly stdout: string;
}

/** Runs the built command line in the clone. */
export function runCli(
  { clone, env }: Workplace,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  onStart: (end: () => void) => void = () => {},
): Promise<CommandResult> {
  const words = [join(root, 'dist/aws-oidc.mjs'), ...args];
  const child = spawn(nodeUnderTest, words, {
    cwd: clone,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart(() => child.kill('SIGKILL'));
  const text: string[] = [];
  const results: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text.push(part);
    results.push(part);
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => text.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, text: text.join(''), stdout: results.join('') }));
  });
}

/** IAM as it is in moto, read without the command line. */
export function iamAt(endpoint: string, region = 'us-east-1'): Iam {
  const credentials = async () => ({ accessKeyId: 'testing', secretAccessKey: 'testing' });
  const requestHandler = proxiedHandler(undefined);
  const connection = { region, credentials, requestHandler, maxAttempts: 1, retryMode: 'standard' as const };
  return createIam({ ...connection, ...{ endpoint } });
}

export const pipelineIn = ({ clone }: Workplace) => readFileSync(join(clone, '.gitlab-ci.yml'), 'utf8');
