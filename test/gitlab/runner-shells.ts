import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunnerShell } from './rig.ts';

/** The shells that a runner may find. */
export const runnerShells: readonly (readonly [name: string, shell: RunnerShell])[] = [
  ['bash', ['--shell', 'bash']],
  // the runner's own commands fail in dash without this, in any job
  ['dash', ['--shell', 'sh', '--variable', 'FF_POSIXLY_CORRECT_ESCAPES=true']],
  ['busybox sh', ['--shell', 'sh', '--path', busyboxDirectory()]],
];

/** Links to all applets of busybox: its sh finds them without links, but the runner does not. */
function busyboxDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'busybox-'));
  execFileSync('busybox', ['--install', '-s', directory]);
  return directory;
}

/** Must not be in a log: a session token or a key ID. The payload contains similar strings. */
export const key = /\bIQoJ|\bASIA[A-Z0-9]{16}/;

/** Must not be in a log: the same, or an ID token. */
export const secret = new RegExp(`${key.source}|\\beyJ[\\w-]+\\.[\\w-]+`);
