import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An AWS CLI on this machine. */
export interface AwsCli {
  readonly file: string;
  readonly version: string;
  /** The size of its package and of the packages that come with it, without Python itself. */
  readonly bytes: number;
}

const folders = [
  // where `npm run test:peers` installs version 1
  join(import.meta.dirname, '../node_modules/.cache/peers/bin'),
  // where Python installs programs, behind the wrappers of a version manager
  output('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("scripts"))']),
  '/usr/local/bin',
  '/usr/bin',
  ...(process.env.PATH ?? '').split(':'),
];

/** The first AWS CLI of each major version, without the wrappers of version managers, which are slower. */
export function findAwsClis(): readonly AwsCli[] {
  const files = [...new Set(folders)].map((folder) => join(folder, 'aws')).filter((file) => existsSync(file));
  const found = files.flatMap((file): readonly AwsCli[] => {
    const python = /^#!\s*(\S*python\S*)/.exec(readFileSync(file, 'latin1').slice(0, 200))?.[1];
    const version = /^aws-cli\/(\S+)/.exec(output(file, ['--version']))?.[1];
    return python === undefined || version === undefined ? [] : [{ file, version, bytes: bytesOf(python) }];
  });
  return ['1.', '2.'].flatMap((major) => found.find(({ version }) => version.startsWith(major)) ?? []);
}

function bytesOf(python: string): number {
  const program = `
import importlib.util, os
folders = [importlib.util.find_spec(name) for name in ("awscli", "botocore", "s3transfer")]
paths = {os.path.dirname(spec.origin) for spec in folders if spec}
print(sum(os.path.getsize(os.path.join(at, file))
          for path in paths for at, _, files in os.walk(path) for file in files if not file.endswith(".pyc")))`;
  return Number(output(python, ['-c', program]));
}

/** The output of a program; empty if the program does not exist. */
function output(command: string, args: readonly string[]): string {
  return (spawnSync(command, args, { encoding: 'utf8' }).stdout ?? '').trim();
}
