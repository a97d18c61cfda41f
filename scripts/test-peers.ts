import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';
import { installPeers } from './peers.ts';

/** Tests with moto as STS, and with the AWS CLI as a user of the credentials. */
const programs = installPeers();
const cli = [process.env.AWS_CLI_V2, '/usr/bin/aws', '/usr/local/bin/aws'].find(
  (file) => file && isVersion2(file),
);
if (cli === undefined) {
  console.log('Installing the AWS CLI v2 (Debian package awscli) …');
  execFileSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('apt-get', ['install', '-q', '-y', 'awscli'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/peers'],
  {
    cwd: root,
    env: { ...process.env, AWS_OIDC_PEERS: programs, AWS_CLI_V2: cli ?? '/usr/bin/aws' },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;

function isVersion2(file: string): boolean {
  return spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('aws-cli/2') ?? false;
}
