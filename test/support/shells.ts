import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The shells that GitLab's runner may find in an image, with the arguments that it runs them with. */
export const shells: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['bash', 'bash', ['-eo', 'pipefail', '-c']],
  ['dash', 'sh', ['-e', '-c']],
  ['busybox sh', 'busybox', ['sh', '-e', '-c']],
];

/**
 * A directory whose `bash` is busybox's shell where it is called without arguments, as gitlab-ci-local
 * does for a job's script; with arguments it is the real one, which gitlab-ci-local needs for itself.
 */
export function busyboxAsBash(): string {
  const directory = mkdtempSync(join(tmpdir(), 'busybox-'));
  const file = join(directory, 'bash');
  writeFileSync(file, '#!/bin/sh\n[ $# -gt 0 ] && exec /bin/bash "$@"\nexec busybox sh\n');
  chmodSync(file, 0o755);
  return directory;
}
