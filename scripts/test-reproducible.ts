import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';

/**
 * Builds the current commit again in a second clone, in another directory, with newly installed packages; fails
 * if any byte differs from the committed files.
 */
const folder = mkdtempSync(join(tmpdir(), 'aws-oidc-second-clone-'));
const clone = join(folder, 'another', 'place');
const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { cwd: clone, stdio: ['ignore', 'ignore', 'inherit'] });

try {
  execFileSync('git', ['clone', '--quiet', '--no-local', root, clone], { stdio: 'inherit' });
  run('npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error');
  run('npm', 'run', 'build');
  const { stdout } = spawnSync('git', ['status', '--short'], { cwd: clone, encoding: 'utf8' });
  if (stdout === '') console.log('The build in the second clone has the same bytes.');
  else {
    console.error(`The build in the second clone differs:\n${stdout}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
