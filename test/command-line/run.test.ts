import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { externalId, roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { run } from '../../src/command-line/run.ts';
import { inputNames } from '../../src/exchange/inputs.ts';
import { fakeIo } from '../support/fake-io.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

async function aws(...args: string[]) {
  const io = fakeIo({
    GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
    AWS_ENDPOINT_URL_STS: sandbox.sts.url,
  });
  const exitCode = await run(args, io);
  return { io, exitCode, text: io.text() };
}

describe('aws-oidc', () => {
  it('shows its commands with --help', async () => {
    const { exitCode, text } = await aws('--help');
    expect(exitCode).toBe(0);
    expect(text).toContain('Usage: aws-oidc');
    expect(text).toContain('assume-role');
  });

  it('shows the help of a command, and of one in a group', async () => {
    expect((await aws('help', 'exec')).text).toContain('Usage: aws-oidc exec');
    expect(await aws('help', 'trust-policy', 'lint')).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('Usage: aws-oidc trust-policy lint'),
    });
    expect((await aws('help')).text).toContain('Usage: aws-oidc [options] [command]');
  });

  it.each([[['nothing']], [['trust-policy', 'nothing']]])(
    'reports an unknown help topic: %j',
    async (topic) => {
      expect(await aws('help', ...topic)).toMatchObject({
        exitCode: 2,
        text: expect.stringContaining(`error: no command '${topic.join(' ')}'`),
      });
    },
  );

  it('shows its version', async () => {
    expect(await aws('--version')).toMatchObject({ exitCode: 0, text: 'development\n' });
  });

  it.each([
    [['x\r\u001b[0Ksection_end:1:x\r\u001b[31m✔ all good']],
    [['inspect', '--format', '\u001b[31mred\u202e']],
  ])('prints safe text for %j', async (args) => {
    const { exitCode, text } = await aws(...args);
    expect(exitCode).toBe(2);
    expect(text).toContain('\\u{1b}');
    for (const character of ['\u001b', '\r', '\u202e']) expect(text).not.toContain(character);
  });

  it.each([
    ['an unknown command', ['conjure'], "error: unknown command 'conjure'"],
    ['an unknown flag', ['assume-role', '--rol-arn', 'x'], '(Did you mean --role-arn?)'],
    ['a flag without a value', ['assume-role', '--role-arn'], "option '--role-arn <arn>' argument missing"],
    ['a stray argument', ['assume-role', 'deploy'], 'too many arguments'],
  ])('ends with 2 and the reason for %s', async (_, args, message) => {
    const { exitCode, text } = await aws(...args);
    expect(exitCode).toBe(2);
    expect(text).toContain(message);
    expect(text).toContain('Run the command with --help to see its options.');
  });

  it('ends with 2 and shows the help without a command', async () => {
    const { exitCode, text } = await aws();
    expect(exitCode).toBe(2);
    expect(text).toContain('Usage: aws-oidc');
  });
});

describe('aws-oidc assume-role', () => {
  it('has a flag with a description for every input', async () => {
    const { text } = await aws('assume-role', '--help');
    for (const name of inputNames)
      expect(text).toMatch(new RegExp(`--${name.replaceAll('_', '-')}( <\\w+>)?\\s+\\S`));
    expect(text).toContain('75 temporary failure after');
  });

  it.each([
    [
      ['--session-tags', 'ref', '--session-tags', 'job_id', '--transitive-tags'],
      { ref: 'main', job_id: '302' },
    ],
    [['--no-session-tags'], {}],
    [['--no-session-tags', '--session-tags', 'ref'], { ref: 'main' }],
  ])('passes session tags to chained roles: %j', async (flags, tags) => {
    const chain = ['--role-chain', roles.production, '--external-id', externalId];
    const { exitCode } = await aws('assume-role', '--role-arn', roles.deploy, ...chain, ...flags);
    expect(exitCode).toBe(0);
    expect(Object.fromEntries(sandbox.sts.keys.issued.at(-1)?.chained.tags ?? [])).toEqual(tags);
  });

  it('prefers flags to the environment, repeats flags for lists, and writes to --output', async () => {
    const io = fakeIo({
      GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(),
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      AWS_OIDC_ROLE_ARN: 'arn:aws:iam::111111111111:role/other',
      AWS_OIDC_SESSION_NAME: 'from-environment',
    });
    const output = join(io.directory, 'here.env');
    const accounts = ['--allowed-account-ids', '111111111111', '--allowed-account-ids', '222222222222'];
    const exitCode = await run(
      ['assume-role', '--role-arn', roles.deploy, ...accounts, '--output', output],
      io,
    );
    expect(exitCode).toBe(0);
    expect(readFileSync(output, 'utf8')).toContain(':assumed-role/deploy/from-environment\n');
  });

  it('reports invalid flags like invalid inputs', async () => {
    const { exitCode, text } = await aws('assume-role', '--role-arn', 'x', '--policy-arns', 'y');
    expect(exitCode).toBe(2);
    expect(text).toContain('✘ 2 invalid inputs. Nothing was sent.');
    expect(text).toContain('"--policy-arns[0]" must be arn:');
  });
});
