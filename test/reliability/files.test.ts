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
import { waysCell } from './cells.ts';
import { commandOf, leaveBefore, variablesOf, type Way, ways } from './ways.ts';

const job = useSandbox();

/** A fault of the output, and how the program is started with it. */
interface FileFault {
  readonly name: string;
  readonly affects: (way: Way) => boolean;
  /** @returns shell commands to run before the program: `exec "$@"` follows them */
  readonly prepare: (way: Way, directory: string) => string;
  /** The file to write to, if it is not the way's own. */
  readonly file?: string;
  /** The message in the log. */
  readonly says: RegExp;
}

const toFile = ({ file, several }: Way) => file !== undefined && !several;
const toFiles = ({ file }: Way) => file !== undefined;
const toOutput = ({ format, file }: Way) => format !== undefined && file === undefined;

const faults: readonly FileFault[] = [
  {
    name: 'directory does not exist',
    // for a profile, the directory is created
    affects: (way) => toFile(way) && way.format !== 'profile',
    file: 'missing/credentials',
    prepare: () => '',
    says: /could not be written \(ENOENT\)/,
  },
  {
    name: 'directory not writable',
    affects: toFile,
    file: '/sys/credentials',
    prepare: () => '',
    says: /could not be written \((EACCES|EROFS|EPERM)\)/,
  },
  {
    name: 'symbolic link at the path',
    affects: toFile,
    prepare: ({ file = '' }, directory) => {
      rmSync(join(directory, file));
      symlinkSync(join(directory, 'target'), join(directory, file));
      return '';
    },
    says: /must not exist or be a regular file|could not be written \(ELOOP\)/,
  },
  {
    name: 'symbolic link at the path of the `.partial` file',
    // for a profile, that path contains a random part
    affects: (way) => toFile(way) && way.kept === undefined,
    prepare: ({ file = '' }, directory) => {
      symlinkSync(join(directory, 'target'), join(directory, `${file}.partial`));
      return '';
    },
    says: /must not exist or be a regular file/,
  },
  {
    name: 'directory at the path',
    affects: toFile,
    prepare: ({ file = '' }, directory) => {
      rmSync(join(directory, file));
      mkdirSync(join(directory, file));
      return '';
    },
    says: /must not exist or be a regular file|could not be written \(EISDIR\)/,
  },
  {
    name: 'file size limit reached (`ulimit -f 0`)',
    affects: toFiles,
    prepare: () => 'ulimit -f 0',
    says: /could not be written \(EFBIG\)/,
  },
  {
    name: 'disk full (`/dev/full`)',
    affects: toOutput,
    prepare: () => 'exec > /dev/full',
    says: /The output could not be written \(ENOSPC\)/,
  },
  {
    name: 'pipe closed by its reader',
    affects: toOutput,
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

/** Files that contain a key, whatever their names are. */
function filesWithKeys(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => lstatSync(join(directory, name)).isFile());
  return files.filter((name) => /ASIA(?!EARLIER)/.test(readFileSync(join(directory, name), 'utf8')));
}

/** The ways that each fault affected, and their exit codes. */
const found = new Map<string, ReadonlyMap<string, number>>();

describe.each(faults)('$name', (fault) => {
  it('ends with 1 and leaves nothing, in every way that it affects', async () => {
    const codes = new Map<string, number>();
    for (const way of ways.filter(fault.affects)) {
      const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
      leaveBefore(way, directory);
      writeFileSync(join(directory, 'target'), 'another file');
      const { exitCode, stdout, stderr } = await runUnder(fault, way, directory);
      expect({ way: way.name, exitCode }).toEqual({ way: way.name, exitCode: 1 });
      expect(stdout + stderr).toMatch(fault.says);
      expect(stdout + stderr).not.toMatch(/ASIA|bug of aws-oidc/);
      expect(filesWithKeys(directory)).toEqual([]);
      expect(readFileSync(join(directory, 'target'), 'utf8')).toBe('another file');
      codes.set(way.name, exitCode);
    }
    found.set(fault.name, codes);
  });
});

/** Whether this machine allows mounting a file system, if only in a namespace. */
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
    const rows = faults.map(({ name }) => {
      const codes = found.get(name) ?? new Map<string, number>();
      return [name, [...new Set(codes.values())].join(', '), waysCell([...codes.keys()])];
    });
    const table = markdownTable(['fault', 'exit code', 'affects'], rows);
    expectSection('docs/reliability.md', 'files', table);
  });
});
