import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './bundle/bundle.ts';
import { installPeers } from './peers.ts';

/**
 * Tests with GitLab's own configuration code and a real gitlab-runner, if AWS_OIDC_GITLAB is set to the folder
 * with both; CONTRIBUTING.md describes it.
 */
const { AWS_OIDC_GITLAB } = process.env;

if (AWS_OIDC_GITLAB) {
  const folder = resolve(AWS_OIDC_GITLAB);
  for (const program of ['expand', 'pipeline']) {
    if (!existsSync(join(folder, program))) throw new Error(`AWS_OIDC_GITLAB: ${folder} has no "${program}"`);
  }
  const env = { ...process.env, AWS_OIDC_GITLAB: folder, AWS_OIDC_PEERS: installPeers() };
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/gitlab'], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  console.log(
    "SKIPPED: AWS_OIDC_GITLAB is not set, so the tests with GitLab's own code and a real runner were not run. " +
      'CONTRIBUTING.md describes the folder.',
  );
}
