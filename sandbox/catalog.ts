import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

const root = join(import.meta.dirname, '..');

/** The GitLab instance of the sandbox's projects. No request is ever sent there. */
const host = 'gitlab.example.com';
const componentProject = 'aws-oidc/aws-oidc';

/** The address after `component:` in a pipeline, up to the template's name. */
export const componentAddress = `${host}/${componentProject}`;

/** A project that includes the component. */
export interface Consumer {
  readonly directory: string;
  /** Makes git read the component's project from this machine instead of the instance. */
  readonly gitEnvironment: Readonly<Record<string, string>>;
}

/** The content of a consumer's project. */
export interface ConsumerOptions {
  /** A new or empty directory, in which both projects are created. */
  readonly directory: string;
  readonly pipeline: string;
  readonly branch?: string;
  /** CI/CD variables in the project's settings. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * Creates two git repositories: the component's, with the templates of this working tree and a tag for this
 * version, and a consumer's, which includes the component as it would from an instance.
 */
export function makeConsumer(options: ConsumerOptions): Consumer {
  const catalog = join(options.directory, 'catalog', `${componentProject}.git`);
  mkdirSync(catalog, { recursive: true });
  cpSync(join(root, 'templates'), join(catalog, 'templates'), { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  commitAll(catalog, 'main');
  git(catalog, 'tag', version);

  const directory = join(options.directory, 'consumer');
  mkdirSync(directory);
  writeFileSync(join(directory, '.gitlab-ci.yml'), options.pipeline);
  for (const [name, contents] of Object.entries(options.files ?? {}))
    writeFileSync(join(directory, name), contents);
  writeFileSync(join(directory, '.gitignore'), '/.gitlab-ci-local*\n');
  commitAll(directory, options.branch ?? 'main');
  git(directory, 'remote', 'add', 'origin', `https://${host}/acme/shop.git`);
  git(directory, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
  // gitlab-ci-local reads the variables of a project's settings from here
  writeFileSync(join(directory, '.gitlab-ci-local-variables.yml'), stringify(options.variables ?? {}), {
    mode: 0o600,
  });
  return { directory, gitEnvironment: redirectGit(join(options.directory, 'catalog')) };
}

/** Makes git find the component in a directory: https://git-scm.com/docs/git-config#ENVIRONMENT */
function redirectGit(catalog: string): Readonly<Record<string, string>> {
  const group = componentProject.slice(0, componentProject.indexOf('/') + 1);
  const key = `url.file://${catalog}/${group}.insteadOf`;
  return {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: key,
    GIT_CONFIG_VALUE_0: `https://${host}/${group}`,
    GIT_CONFIG_KEY_1: key,
    GIT_CONFIG_VALUE_1: `https://${host}:443/${group}`,
  };
}

/** Creates a repository and commits everything in the directory. */
function commitAll(directory: string, branch: string): void {
  git(directory, 'init', '--quiet', '--initial-branch', branch);
  git(directory, 'config', 'user.name', 'Sandbox');
  git(directory, 'config', 'user.email', 'sandbox@example.com');
  git(directory, 'config', 'commit.gpgSign', 'false');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--message', 'start');
}

function git(directory: string, ...args: string[]): void {
  execFileSync('git', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
}
