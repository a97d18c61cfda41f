import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';

/** Tests against programs of others: moto as STS, the AWS CLI as a user of the credentials. */
const folder = join(root, 'node_modules/.cache/peers');
const programs = join(folder, 'bin');

if (!existsSync(join(programs, 'moto_server')) || !existsSync(join(programs, 'aws'))) {
  console.log('Installing moto and the AWS CLI (Python packages) …');
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const packages = ['moto[server]>=5,<6', 'awscli>=1.40,<2'];
  execFileSync(join(programs, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], {
    stdio: 'inherit',
  });
}
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/peers'],
  {
    cwd: root,
    env: { ...process.env, AWS_OIDC_PEERS: programs },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
