import { execFileSync } from 'node:child_process';
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
