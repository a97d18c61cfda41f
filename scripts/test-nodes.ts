import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';

/** Tests the committed programs on each supported version of Node, which npm installs. */
const supported = [20, 22, 24, 26];

const failed = supported.filter((major) => {
  const env = { ...process.env, NODE_UNDER_TEST: binary(major) };
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/dist'];
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`dist/ fails on Node ${failed.join(', ')}`);
  process.exitCode = 1;
}

function binary(major: number): string {
  const folder = join(root, 'node_modules/.cache/nodes', String(major));
  const file = join(folder, 'node_modules/node/bin/node');
  if (!existsSync(file)) {
    const args = [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `node@${major}`,
    ];
    execFileSync('npm', args, { stdio: 'inherit' });
  }
  const version = execFileSync(file, ['--version'], { encoding: 'utf8' }).trim();
  console.log(`\nNode ${version}`);
  return file;
}
