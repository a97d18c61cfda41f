import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programsIn, shellFolder, withShell } from '../../scripts/bundle/compose-template.ts';
import { root } from '../support/run-program.ts';

const files = readdirSync(join(root, shellFolder)).filter((name) => name.endsWith('.sh'));
const read = (name: string) => readFileSync(join(root, shellFolder, name), 'utf8');
const templates = ['assume-role', 'audit', 'diagnose', 'ecr-login', 'same-job', 'web-identity'].map((name) =>
  readFileSync(join(root, `src/templates/${name}.yml`), 'utf8'),
);

/** The script of a template: all its blocks, one after the other, with names instead of inputs. */
function scriptOf(template: string): string {
  const lines = template.match(/# shell: .*\.sh\b.*\n/g) ?? [];
  const stay = Object.fromEntries(
    ['__env_prefix__', '__job_name__', '__keep_alive__'].map((name) => [name, name]),
  );
  return withShell(lines.join(''), new Map(programsIn(template).map((program) => [program, ''])), stay);
}

/** @returns the output of shellcheck, at its strictest */
function shellcheck(script: string, dialect: string): string {
  // 2016: single quotes keep "$" on purpose. 1091: the program writes the file that is sourced.
  // 2034: the component's own jobs never trace again, so they do not read what they saved
  const args = ['--shell', dialect, '--severity', 'style', '--exclude', 'SC2016,SC1091,SC2034', '-'];
  const { stdout, stderr } = spawnSync('shellcheck', args, { input: script, encoding: 'utf8' });
  return stdout + stderr;
}

describe('the shell of the templates', () => {
  const cases = templates.flatMap((template) => ['sh', 'bash'].map((dialect) => ({ template, dialect })));
  it.each(cases)('has no finding of shellcheck as $dialect', ({ template, dialect }) => {
    const script = scriptOf(template);
    expect(script.length).toBeGreaterThan(500);
    expect(shellcheck(script, dialect)).toBe('');
  });

  it('would have one for a variable without quotes, or for bash syntax in sh', () => {
    expect(shellcheck('rm $AWS_OIDC_DIRECTORY\n', 'sh')).toContain('SC2086');
    expect(shellcheck('[[ -n "$HOME" ]]\n', 'sh')).toContain('SC3010');
  });

  it.each(files)('%s is used, and is valid shell', (name) => {
    const users = [...templates, ...files.map(read)].filter((text) =>
      new RegExp(`# shell: ${name}( .*)?\n`).test(text),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(spawnSync('sh', ['-n'], { input: read(name) }).status).toBe(0);
  });

  it('is only in these files', () => {
    for (const template of templates) {
      const lines = [...template.matchAll(/^ {4}- \|\n((?: {6}.*\n)+)/gm)].flatMap(([, block = '']) =>
        block.trim().split('\n'),
      );
      expect(lines.filter((line) => !line.trim().startsWith('#'))).toEqual([]);
    }
  });
});
