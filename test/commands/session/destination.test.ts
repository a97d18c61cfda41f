import { mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../../sandbox/sandbox.ts';
import { assumeRoleCommand } from '../../../src/commands/session/assume-role.ts';
import type { DestinationFlags } from '../../../src/commands/session/destination.ts';
import { limits, useSandbox } from '../../support/command-run.ts';
import type { FakeIo } from '../../support/fake-io.ts';

const job = useSandbox();

const assume = (io: FakeIo, flags: DestinationFlags) =>
  assumeRoleCommand(io, { inputs: { role_arn: roles.deploy }, ...flags }, limits);

describe('the destination of credentials', () => {
  it.each([
    ['env', /^export AWS_ACCESS_KEY_ID=ASIA/],
    ['env-no-export', /^AWS_ACCESS_KEY_ID=ASIA/],
    ['process', /^\{\n {2}"Version": 1,/],
    ['powershell', /^\$Env:AWS_ACCESS_KEY_ID="ASIA/],
    ['windows-cmd', /^set AWS_ACCESS_KEY_ID=ASIA/],
    ['fish', /^set -gx AWS_ACCESS_KEY_ID ASIA/],
    ['bash-env', /^export AWS_ACCESS_KEY_ID=ASIA/],
  ])('is standard output for %s, without the log', async (outputFormat, text) => {
    const io = job.io();
    expect(await assume(io, { outputFormat })).toBe(0);
    expect(io.results()).toMatch(text);
    expect(io.results()).not.toContain('✔');
    expect(io.files()).toEqual(['annotations.json']);
  });

  it('is a private file if one is set', async () => {
    const io = job.io();
    const output = join(io.directory, 'aws.sh');
    expect(await assume(io, { outputFormat: 'env', output })).toBe(0);
    expect(io.results()).toBe('');
    expect(readFileSync(output, 'utf8')).toMatch(/^export AWS_ACCESS_KEY_ID=/);
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it('can also be standard output for a dotenv report', async () => {
    const io = job.io();
    expect(await assume(io, { output: '-' })).toBe(0);
    expect(io.results()).toMatch(/^AWS_ACCESS_KEY_ID=/);
  });

  it('can be set in the environment, as a template does', async () => {
    const io = job.io({ AWS_OIDC_OUTPUT_FORMAT: 'bash-env', AWS_OIDC_OUTPUT: '-' });
    expect(await assume(io, {})).toBe(0);
    expect(io.results()).toContain('export AWS_OIDC_ACCESS_KEY_ID=');
  });

  it.each([
    ['a line break at its end', 'export A=1\n', 'export A=1\nexport AWS_ACCESS_KEY_ID='],
    ['none', 'export A=1', 'export A=1\nexport AWS_ACCESS_KEY_ID='],
    ['nothing in it', '', 'export AWS_ACCESS_KEY_ID='],
  ])('is the end of BASH_ENV for bash-env, with %s', async (_, before, after) => {
    const io = job.io();
    const bashEnv = join(io.directory, 'bash-env');
    writeFileSync(bashEnv, before);
    const withBashEnv = { ...io, env: { ...io.env, BASH_ENV: bashEnv } };
    expect(await assume(withBashEnv, { outputFormat: 'bash-env' })).toBe(0);
    expect(readFileSync(bashEnv, 'utf8').slice(0, after.length)).toBe(after);
  });

  it('keeps the content of a file with --append, and creates a private file', async () => {
    const io = job.io();
    const output = join(io.directory, 'all.env');
    await assume(io, { outputFormat: 'env', output, append: true });
    await assume(io, { outputFormat: 'env', output, append: true });
    expect(readFileSync(output, 'utf8').match(/AWS_SESSION_TOKEN=/g)).toHaveLength(2);
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it('is never a symbolic link', async () => {
    const io = job.io();
    const [target, output] = [join(io.directory, 'target'), join(io.directory, 'link')];
    writeFileSync(target, 'mine');
    symlinkSync(target, output);
    for (const append of [true, false]) {
      expect(await assume(io, { outputFormat: 'env', output, append })).toBe(1);
      expect(readFileSync(target, 'utf8')).toBe('mine');
    }
  });

  it('must have a known format', async () => {
    const io = job.io();
    expect(await assume(io, { outputFormat: 'toString' })).toBe(2);
    expect(io.text()).toContain('"--output-format" must be one of dotenv, env, env-no-export');
  });
});

describe('a profile', () => {
  it('goes to ~/.aws/credentials, which is created if missing, and keeps its content', async () => {
    const HOME = mkdtempSync(join(tmpdir(), 'home-'));
    const io = job.io({ HOME });
    expect(await assume(io, { outputFormat: 'profile', profile: 'ci' })).toBe(0);
    const file = join(HOME, '.aws/credentials');
    expect(readFileSync(file, 'utf8')).toMatch(
      /^\[ci\]\naws_access_key_id = ASIA\w+\naws_secret_access_key = \S+\naws_session_token = \S+\n$/,
    );
    expect([statSync(file).mode & 0o777, statSync(join(HOME, '.aws')).mode & 0o777]).toEqual([0o600, 0o700]);
    const mine = Buffer.from([0x23, 0xff, 0xfe, 0x0d, 0x0a]);
    writeFileSync(file, Buffer.concat([mine, readFileSync(file)]));
    expect(await assume(io, { outputFormat: 'profile', profile: 'ci' })).toBe(0);
    expect(readFileSync(file).subarray(0, 5)).toEqual(mine);
    expect(readFileSync(file, 'latin1').match(/\[ci\]/g)).toHaveLength(1);
  });

  it('requires --output if HOME is not set', async () => {
    const io = job.io({ HOME: undefined });
    expect(await assume(io, { outputFormat: 'profile' })).toBe(2);
    expect(io.text()).toContain('"--output" must be a file if HOME is not set');
  });

  it('goes to the file in AWS_SHARED_CREDENTIALS_FILE, as the profile in AWS_PROFILE', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'aws-')), 'mine');
    expect(
      await assume(job.io({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'x' }), {
        outputFormat: 'profile',
      }),
    ).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/^\[x\]\n/);
  });

  it('goes to a config file in the format of that file, with the region', async () => {
    const output = join(mkdtempSync(join(tmpdir(), 'aws-')), 'config');
    expect(await assume(job.io(), { outputFormat: 'profile', profile: 'ci', output })).toBe(0);
    expect(readFileSync(output, 'utf8')).toMatch(/^\[profile ci\]\n[\s\S]*\nregion = us-east-1\n$/);
  });

  it('is refused behind a symbolic link, and with an invalid name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aws-'));
    const [target, output] = [join(directory, 'target'), join(directory, 'credentials')];
    writeFileSync(target, '[mine]\n');
    symlinkSync(target, output);
    expect(await assume(job.io(), { outputFormat: 'profile', output })).toBe(1);
    expect(readFileSync(target, 'utf8')).toBe('[mine]\n');
    expect(await assume(job.io(), { outputFormat: 'profile', profile: 'a]\n[b' })).toBe(2);
    expect(await assume(job.io(), { outputFormat: 'profile', output: '-' })).toBe(2);
  });
});
