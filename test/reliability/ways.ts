import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { roles } from '../../sandbox/sandbox.ts';
import { assumeRoleCommand } from '../../src/commands/session/assume-role.ts';
import { assumeRolesCommand } from '../../src/commands/session/assume-roles.ts';
import { execCommand } from '../../src/commands/session/exec.ts';
import type { RetryLimits } from '../../src/network/retry.ts';
import type { FakeIo } from '../support/fake-io.ts';
import { root } from '../support/run-program.ts';

/** A way of handing credentials on. */
export interface Way {
  readonly name: string;
  /** A format of `assume-role`; `exec` has none. */
  readonly format?: string;
  /** Sessions of several roles at once, like `same-job` with `role_arns`. */
  readonly several?: boolean;
  /** The file that it writes; without one it writes to standard output. */
  readonly file?: string;
  /** The file's earlier content, which a failure must not change. Without it, no file may be left. */
  readonly kept?: string;
}

/** Nearly a memory page long, so that appending needs a second one. */
const mine = `export MINE=1\n# ${'x'.repeat(3980)}\n`;

export const ways: readonly Way[] = [
  { name: 'dotenv', format: 'dotenv', file: 'aws-oidc.env' },
  { name: 'bash-env', format: 'bash-env', file: 'credentials' },
  { name: 'bash-env --append', format: 'bash-env', file: 'bash.env', kept: mine },
  {
    name: 'profile',
    format: 'profile',
    file: '.aws/credentials',
    kept: '[other]\naws_access_key_id = AKIAOTHER\n',
  },
  ...['env', 'env-no-export', 'powershell', 'windows-cmd', 'fish', 'process'].map((format) => ({
    name: format,
    format,
  })),
  { name: 'exec' },
  { name: 'role_arns', format: 'profiles', several: true, file: 'credentials' },
];

const inputs = { role_arn: roles.deploy };

/** Runs the command in this process, with limits short enough for a test. */
export function runHere(way: Way, io: FakeIo, limits: RetryLimits): Promise<number> {
  const { format, file, kept, several } = way;
  if (several)
    return assumeRolesCommand({ ...io, env: { ...io.env, ...variablesOf(way, io.directory) } }, limits);
  if (format === undefined) return execCommand(io, { inputs }, childCommand(io.directory), limits);
  const output = file === undefined ? '-' : join(io.directory, file);
  const append = kept !== undefined;
  return assumeRoleCommand(io, { inputs, outputFormat: format, output, append }, limits);
}

/** The same command as a program and its arguments. */
export function commandOf(way: Way, directory: string): readonly string[] {
  if (way.several) return [join(root, 'dist/assume-role.mjs')];
  return [join(root, 'dist/aws-oidc.mjs'), ...argumentsOf(way, directory)];
}

/** Environment variables that a way needs in addition to the job's token and role. */
export function variablesOf({ several }: Way, directory: string): Readonly<Record<string, string>> {
  if (!several) return {};
  const pairs = JSON.stringify([`first=${roles.deploy}`, `second=${roles.build}`]);
  return { AWS_OIDC_ROLE_ARNS: pairs, AWS_OIDC_PROFILES: directory };
}

function argumentsOf({ format, file, kept }: Way, directory: string): readonly string[] {
  if (format === undefined) return ['exec', '--', ...childCommand(directory)];
  const output = file === undefined ? '-' : join(directory, file);
  const append = kept === undefined ? [] : ['--append'];
  return ['assume-role', '--output-format', format, '--output', output, ...append];
}

const childCommand = (directory: string) => ['sh', '-c', `: > '${directory}/ran'`];

/** Creates the file that an earlier run or the file's owner left. */
export function leaveBefore({ file, kept }: Way, directory: string): void {
  if (file === undefined) return;
  mkdirSync(dirname(join(directory, file)), { recursive: true });
  writeFileSync(join(directory, file), kept ?? 'AWS_ACCESS_KEY_ID=ASIAEARLIER\n');
}

/** Everything that a failure must not leave behind or change; empty if all is well. */
export function leftovers({ file, kept }: Way, directory: string, output: string): readonly string[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  // a lock is an empty directory that the next run takes over
  const found = files.filter(
    (name) => name !== '.aws' && !name.endsWith('.lock') && (name !== file || kept === undefined),
  );
  const changed = kept !== undefined && readFileSync(join(directory, file ?? ''), 'utf8') !== kept;
  return [...found, ...(changed ? [`${file} has changed`] : []), ...(output === '' ? [] : ['output'])];
}

/** Whether the credentials arrived at their destination. */
export function arrived({ format, file, kept = '' }: Way, directory: string, output: string): boolean {
  if (format === undefined) return existsSync(join(directory, 'ran'));
  const text = file === undefined ? output : readFileSync(join(directory, file), 'utf8');
  return text.startsWith(kept) && /ASIA(?!EARLIER)[A-Z0-9]{16}/.test(text) && !text.includes('EARLIER');
}
