import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { useSandbox } from '../support/command-run.ts';
import { readTemplate } from '../support/configuration.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';

/**
 * The external programs that the templates may use, with the options that they have in macOS 14 and later, in
 * FreeBSD, GNU and BusyBox, as in https://man.freebsd.org/cgi/man.cgi. BSD programs read no option after the
 * first operand.
 */
const tools: Readonly<Record<string, string>> = {
  base64: '-d',
  cut: '-b -c -d -f -s',
  date: '-u',
  gzip: '-c -d -f',
  mktemp: '-d',
  rm: '-f -r -rf',
  rmdir: '-p',
  tr: '-c -cd -d -s',
};

/** A directory with only these programs and Node; each writes to the file `used` what it was called with. */
function bsdDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bsd-'));
  symlinkSync(process.execPath, join(directory, 'node'));
  for (const [name, options] of Object.entries(tools)) {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    const script = `#!/bin/sh
operands=0
for argument in "$@"; do
  case "$argument" in
    - | [!-]*) operands=1 ;;
    *) case "$operands ${options} " in
         0*" $argument "*) ;;
         *) echo "${name}: illegal option -- $argument" >&2; exit 64 ;;
       esac ;;
  esac
done
echo "${name} $*" >> '${directory}/used'
exec ${real} "$@"
`;
    writeFileSync(join(directory, name), script, { mode: 0o755 });
  }
  return directory;
}

const zsh = ['zsh, the sh of which macOS has as an option', 'zsh', ['--emulate', 'sh', '-e', '-c']] as const;
const posixBash = ['bash as sh', 'bash', ['--posix', '-eo', 'pipefail', '-c']] as const;

/** Handed on by assume-role, and expected by the hidden job. */
const handedOn = {
  AWS_ACCESS_KEY_ID: 'ASIACANARY0123456789',
  AWS_OIDC_ACCESS_KEY_ID: 'ASIACANARY0123456789',
  AWS_SECRET_ACCESS_KEY: 'canary',
  AWS_SESSION_TOKEN: 'canary',
  AWS_CREDENTIAL_EXPIRATION: '2099-01-01T00:00:00Z',
};

const unpacking = ['mktemp -d', 'base64 -d', 'gzip -d'];
const several = { role_arns: [`one=${roles.deploy}`, `two=${roles.build}`] };

/** Each script of the templates, with the programs that it must have called. */
const scripts: readonly (readonly [string, string, string, object, object, readonly string[]])[] = [
  ['assume-role', 'assume-role', 'assume-role', {}, {}, [...unpacking, 'rm -rf']],
  ['the check of assume-role', 'assume-role', '.with-assume-role', {}, handedOn, ['date -u', 'tr -cd']],
  ['same-job', 'same-job', '.aws-credentials', {}, {}, [...unpacking, 'rm -f', 'rmdir']],
  ['same-job with several roles', 'same-job', '.aws-credentials', several, {}, [...unpacking, 'rm -rf']],
  [
    'web-identity',
    'web-identity',
    '.aws-web-identity',
    { profile: 'ci' },
    {},
    ['mktemp -d', 'tr -c', 'cut -c'],
  ],
];

const job = useSandbox();

describe.each([...shells, posixBash, zsh])(
  'with programs that have only what BSD has, in %s',
  (_, shell, args) => {
    it.each(scripts)('%s works', async (_name, template, name, inputs, env, calls) => {
      const configured = readTemplate(template).configure({ role_arn: roles.deploy, ...inputs });
      const { before_script = [], script = [], variables } = configured[name] ?? {};
      const directory = bsdDirectory();
      const command = spawnSync('sh', ['-c', `command -v ${shell}`], { encoding: 'utf8' }).stdout.trim();
      const run = await runProgram(
        command,
        [...args, [...before_script, ...script, 'echo went on'].join('\n')],
        {
          PATH: directory,
          TMPDIR: mkdtempSync(join(tmpdir(), 'job-tmp-')),
          AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
          GITLAB_OIDC_TOKEN: job.token,
          CI_JOB_NAME_SLUG: 'job',
          ...variables,
          AWS_OIDC_AUDIENCE: '',
          ...env,
        },
      );
      expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(run.stdout).toMatch(/went on\n$/);
      const used = readFileSync(join(directory, 'used'), 'utf8');
      for (const call of calls) expect(used).toContain(`${call}`);
    });
  },
);

describe('the programs that have only what BSD has', () => {
  it.each([
    'base64 --wrap=0',
    'date --iso-8601',
    'date -d 2026-01-01',
    'mktemp --directory',
    'mktemp -p /tmp',
    'cut -c 1 --complement',
    'rm x -f',
    'stat -c %a .',
    'head -c 1',
  ])('refuse %s', (command) => {
    const { status } = spawnSync('/bin/sh', ['-c', command], { env: { PATH: bsdDirectory() } });
    expect([64, 127]).toContain(status);
  });
});
