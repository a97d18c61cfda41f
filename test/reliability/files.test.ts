import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { useSandbox } from '../support/command-run.ts';
import { expectSection, markdownTable } from '../support/generated-section.ts';
import { nodeUnderTest, type ProgramRun, runProgram } from '../support/run-program.ts';
import { commandOf, leaveBefore, variablesOf, type Way, ways } from './ways.ts';

const job = useSandbox();

/** What a fault does to the place that credentials shall go to, and how the program is started in it. */
interface FileFault {
  readonly name: string;
  readonly meets: (way: Way) => boolean;
  /** @returns what a shell does before the program: `exec "$@"` follows it */
  readonly prepare: (way: Way, directory: string) => string;
  /** The file that the credentials shall go to, where it is not the way's own. */
  readonly file?: string;
  /** What the log says. */
  readonly says: RegExp;
}

const toFile = ({ file, several }: Way) => file !== undefined && !several;
const toFiles = ({ file }: Way) => file !== undefined;
const toOutput = ({ format, file }: Way) => format !== undefined && file === undefined;

const faults: readonly FileFault[] = [
  {
    name: 'a directory that does not exist',
    // a profile's directory is made
    meets: (way) => toFile(way) && way.format !== 'profile',
    file: 'missing/credentials',
    prepare: () => '',
    says: /could not be written \(ENOENT\)/,
  },
  {
    name: 'a directory that nobody can write to',
    meets: toFile,
    file: '/sys/credentials',
    prepare: () => '',
    says: /could not be written \((EACCES|EROFS|EPERM)\)/,
  },
  {
    name: 'a symbolic link in the way',
    meets: toFile,
    prepare: ({ file = '' }, directory) => {
      rmSync(join(directory, file));
      symlinkSync(join(directory, 'target'), join(directory, file));
      return '';
    },
    says: /must not exist or be a regular file|could not be written \(ELOOP\)/,
  },
  {
    name: 'a symbolic link in place of the new file',
    // a profile's new file has a name that nobody knows before
    meets: (way) => toFile(way) && way.kept === undefined,
    prepare: ({ file = '' }, directory) => {
      symlinkSync(join(directory, 'target'), join(directory, `${file}.partial`));
      return '';
    },
    says: /must not exist or be a regular file/,
  },
  {
    name: 'a directory in the way',
    meets: toFile,
    prepare: ({ file = '' }, directory) => {
      rmSync(join(directory, file));
      mkdirSync(join(directory, file));
      return '';
    },
    says: /must not exist or be a regular file|could not be written \(EISDIR\)/,
  },
  {
    name: 'no file may grow (`ulimit -f 0`)',
    meets: toFiles,
    prepare: () => 'ulimit -f 0',
    says: /could not be written \(EFBIG\)/,
  },
  {
    name: 'a full disk (`/dev/full`)',
    meets: toOutput,
    prepare: () => 'exec > /dev/full',
    says: /The output could not be written \(ENOSPC\)/,
  },
  {
    name: 'an output that nobody reads any more',
    meets: toOutput,
    prepare: () => 'mkfifo pipe; (: < pipe) & exec > pipe; wait',
    says: /The output could not be written \(EPIPE\)/,
  },
];

const environment = (way: Way, directory: string) => ({
  PATH: process.env.PATH ?? '',
  GITLAB_OIDC_TOKEN: job.token,
  AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
  AWS_OIDC_ROLE_ARN: roles.deploy,
  ...variablesOf(way, directory),
});

async function runUnder(fault: FileFault, way: Way, directory: string): Promise<ProgramRun> {
  const before = fault.prepare(way, directory);
  const place = { ...way, ...(fault.file !== undefined && { file: fault.file }) };
  const program = [nodeUnderTest, ...commandOf(place, fault.file?.startsWith('/') ? '/' : directory)];
  const script = `${before}\nexec "$@"`;
  return runProgram('sh', ['-c', script, 'sh', ...program], environment(way, directory), directory);
}

/** Files with keys in them, whatever they are called. */
function filesWithKeys(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => lstatSync(join(directory, name)).isFile());
  return files.filter((name) => /ASIA(?!EARLIER)/.test(readFileSync(join(directory, name), 'utf8')));
}

const found = new Map<string, ReadonlyMap<string, string>>();

describe.each(faults)('$name', (fault) => {
  it('ends with 1 and leaves nothing, in every way that it meets', async () => {
    const codes = new Map<string, string>();
    for (const way of ways.filter(fault.meets)) {
      const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
      leaveBefore(way, directory);
      writeFileSync(join(directory, 'target'), 'of somebody else');
      const { exitCode, stdout, stderr } = await runUnder(fault, way, directory);
      expect({ way: way.name, exitCode }).toEqual({ way: way.name, exitCode: 1 });
      expect(stdout + stderr).toMatch(fault.says);
      expect(stdout + stderr).not.toMatch(/ASIA|bug of aws-oidc/);
      expect(filesWithKeys(directory)).toEqual([]);
      expect(readFileSync(join(directory, 'target'), 'utf8')).toBe('of somebody else');
      codes.set(way.name, `${exitCode}`);
    }
    found.set(fault.name, codes);
  });
});

/** A file system of one page, full of something else: needs the right to mount, if only in a namespace. */
const canMount =
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'size=8k', 'none', tmpdir()]).status === 0;

describe('a full file system (tmpfs)', () => {
  it.skipIf(!canMount)('ends with 1 and leaves nothing, in every way that writes a file', async () => {
    for (const way of ways.filter(toFiles)) {
      const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
      const file = join(directory, way.file ?? '');
      const script = `
        mount -t tmpfs -o size=8k none '${directory}' && mkdir -p '${dirname(file)}'
        ${way.kept === undefined ? '' : `printf %s '${way.kept}' > '${file}'`}
        head -c 100000 /dev/zero > '${directory}/filler' 2>/dev/null
        "$@" >&2; code=$?
        ls -A '${dirname(file)}' | grep -v filler; ${way.kept === undefined ? '' : `cat '${file}'`}
        exit $code`;
      const program = [nodeUnderTest, ...commandOf(way, directory)];
      const args = ['-rm', 'sh', '-c', script, 'sh', ...program];
      const { exitCode, stdout, stderr } = await runProgram(
        'unshare',
        args,
        environment(way, directory),
        directory,
      );
      expect({ way: way.name, exitCode }).toEqual({ way: way.name, exitCode: 1 });
      expect(stderr).toMatch(/could not be written \(ENOSPC\)/);
      const name = way.file?.split('/').at(-1) ?? '';
      expect(stdout).toBe(way.kept === undefined ? '' : `${name}\n${way.kept}`);
    }
  });
});

describe('the documentation', () => {
  it('says what was found', () => {
    const rows = faults.map(({ name }) => [name, ...ways.map((way) => found.get(name)?.get(way.name) ?? '')]);
    const table = markdownTable(['', ...ways.map(({ name }) => name)], rows);
    expectSection('docs/reliability.md', 'files', table);
  });
});
