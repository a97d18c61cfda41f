import { execFileSync, type StdioOptions, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';

/**
 * Installs moto and version 1 of the AWS CLI in a separate Python environment, unless they are already there.
 *
 * @returns the folder with their programs
 */
export function installPeers(): string {
  const folder = join(root, 'node_modules/.cache/peers');
  const programs = join(folder, 'bin');
  if (existsSync(join(programs, 'moto_server')) && existsSync(join(programs, 'aws'))) return programs;
  console.log('Installing moto and the AWS CLI (Python packages) …');
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const packages = ['moto[server]>=5,<6', 'awscli>=1.40,<2'];
  execFileSync(join(programs, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], {
    stdio: 'inherit',
  });
  return programs;
}

/** Debian's packages with the registry, and the tools that push and pull images. */
const debianPackages = ['docker-registry', 'skopeo', 'buildah'];

/** Installs them, unless their programs, which have the same names, are already there. */
export function installRegistryTools(): void {
  const missing = debianPackages.filter((name) => spawnSync(name, ['--version']).error !== undefined);
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(', ')} (Debian packages) …`);
  installDebianPackages(missing);
}

export function installDebianPackages(names: readonly string[]): void {
  const options = { stdio: ['ignore', 'ignore', 'inherit'] satisfies StdioOptions };
  execFileSync('apt-get', ['update', '-q'], options);
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...names], options);
}
