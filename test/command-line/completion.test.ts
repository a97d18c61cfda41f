import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completionScript, type Shell, shells } from '../../src/command-line/completion.ts';
import { createProgram, run } from '../../src/command-line/run.ts';
import { fakeIo } from '../support/fake-io.ts';

const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));

function scriptFile(shell: Shell): string {
  const file = join(directory, `completion.${shell}`);
  writeFileSync(
    file,
    completionScript(
      createProgram(fakeIo({}), () => {}),
      shell,
    ),
  );
  return file;
}

function output(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: directory });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** What a shell offers for the last word of a command line. */
const offers: Readonly<Record<Exclude<Shell, 'zsh'>, (words: readonly string[]) => readonly string[]>> = {
  bash: (words) => {
    const line = `source ${scriptFile('bash')}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aws_oidc; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return output('bash', ['--norc', '-uc', line, 'bash', ...words])
      .trim()
      .split('\n');
  },
  fish: (words) => {
    const line = `source ${scriptFile('fish')}; complete -C ${JSON.stringify(words.join(' '))}`;
    return output('fish', ['--no-config', '-c', line])
      .split('\n')
      .flatMap((one) => one.split('\t')[0] || []);
  },
};

describe.each(['bash', 'fish'] as const)('completion in %s', (shell) => {
  it.each([
    ['commands', ['aws-oidc', 'tr'], ['trust-policy']],
    ['commands of a group', ['aws-oidc', 'trust-policy', 'l'], ['lint']],
    ['flags', ['aws-oidc', 'assume-role', '--role-'], ['--role-arn', '--role-chain']],
    ['values of a flag', ['aws-oidc', 'trust-policy', 'lint', '--fail-on', 'b'], ['blocker']],
    ['values after other flags', ['aws-oidc', 'migrate', '--check', '--to', 'c'], ['component']],
    ['values of an argument', ['aws-oidc', 'completion', 'f'], ['fish']],
  ])('offers %s', (_, words, expected) => {
    expect([...offers[shell](words)].sort()).toEqual(expected);
  });

  it('offers files for a flag that takes one', () => {
    writeFileSync(join(directory, 'token.txt'), '');
    const found = offers[shell](['aws-oidc', 'inspect', '--token-file', 'tok']);
    // bash offers them by itself where the function offers nothing
    expect(found).toEqual(shell === 'bash' ? [''] : ['token.txt']);
  });
});

describe('completion in zsh', () => {
  it('completes words as they are typed', () => {
    const typed = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'PS1=""; autoload -Uz compinit && compinit -u -D; source ${scriptFile('zsh')}; aws-oidc() { print -r -- "RAN:$*:END"; }'
      zpty -w shell 'print READY-NOW'
      zpty -r -m shell text '*READY-NOW*READY-NOW*'
      zpty -w -n shell $'aws-oidc trust-policy li\\t --fail-on bl\\t x\\n'
      zpty -r -m shell text '*RAN:*:END*'
      print -r -- "$text"
      zpty -w -n shell $'aws-oidc assume-role --output-f\\tpower\\t\\n'
      zpty -r -m shell text '*RAN:*:END*'
      print -r -- "$text"`;
    const text = spawnSync('zsh', ['-f', '-c', typed], { encoding: 'utf8', timeout: 30_000 }).stdout;
    expect(text).toContain('RAN:trust-policy lint --fail-on blocker x:END');
    expect(text).toContain('RAN:assume-role --output-format powershell:END');
  });
});

describe('aws-oidc completion', () => {
  it.each(shells)('prints the script for %s', async (shell) => {
    const io = fakeIo({});
    expect(await run(['completion', shell], io)).toBe(0);
    expect(io.results()).toBe(
      completionScript(
        createProgram(io, () => {}),
        shell,
      ),
    );
  });

  it('has a script for bash that shellcheck accepts', () => {
    expect(output('shellcheck', ['--shell', 'bash', scriptFile('bash')])).toBe('');
  });

  it('refuses another shell', async () => {
    const io = fakeIo({});
    expect(await run(['completion', 'csh'], io)).toBe(2);
    expect(io.text()).toContain('Allowed choices are bash, zsh, fish.');
  });
});
