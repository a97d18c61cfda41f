import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './bundle/bundle.ts';
import { installPeers } from './peers.ts';

/**
 * Tests against GitLab's own configuration code and a real gitlab-runner, where AWS_OIDC_GITLAB names the folder
 * that has both; CONTRIBUTING.md says what is in it.
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
    "SKIPPED: AWS_OIDC_GITLAB is not set, so no template was read by GitLab's own code and none was run by its " +
      'runner. CONTRIBUTING.md says what it names.',
  );
}
