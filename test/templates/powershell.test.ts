import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { shellFolder } from '../../scripts/bundle/compose-template.ts';
import { useSandbox } from '../support/command-run.ts';
import { readTemplate } from '../support/configuration.ts';
import { root } from '../support/run-program.ts';
import { unsignedToken } from '../support/token.ts';

const files = readdirSync(join(root, shellFolder)).filter((name) => name.endsWith('.ps1'));
const read = (name: string) => readFileSync(join(root, shellFolder, name), 'utf8');
const templates = ['same-job', 'web-identity'].map((name) =>
  readFileSync(join(root, `src/templates/${name}.yml`), 'utf8'),
);

/** PowerShell without its comments and the contents of its strings. */
const codeOf = (script: string) =>
  script
    .replace(/@'\n[\s\S]*?\n'@/g, "''")
    .replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "''")
    .replace(/#.*/g, '');

/** What Windows PowerShell 5.1 does not have. */
const newer =
  /\?\?|\?\.|&&|\|\||\? .*:|-Parallel|-AsHashtable|\$Is(?:Windows|Linux|MacOS)|::new\(|ConvertFrom-Json|utf8NoBOM/;

describe('the PowerShell of the templates', () => {
  it.each(files)('%s is used', (name) => {
    const line = new RegExp(`# shell: ${name}( .*)?\\n`);
    const users = [...templates, ...files.map(read)].filter((text) => line.test(text));
    expect(users.length).toBeGreaterThan(0);
  });

  // Windows PowerShell reads ASCII in every code page; a shell that reads commands from its input ends one at an empty line
  it.each(files)('%s is ASCII without empty lines, in the syntax of Windows PowerShell 5.1', (name) => {
    expect(read(name)).toMatch(/^(?:[\x20-\x7e]+\n)+$/);
    expect(codeOf(read(name))).not.toMatch(newer);
  });

  it.each(['$a ?? 1', 'a && b', '$a ? 1 : 2', 'if ($IsWindows) { }', '[Guid]::new()'])(
    'would not pass with %s',
    (script) => {
      expect(codeOf(script)).toMatch(newer);
    },
  );

  it.each(files)(
    '%s writes no file or variable with a cmdlet or ">", which add a byte order mark or log values',
    (name) => {
      expect(codeOf(read(name))).not.toMatch(
        /[^-]>|Set-Content|Add-Content|Out-File|Set-Item|Invoke-Expression|\biex\b/,
      );
    },
  );

  it.each(['exchange-in-this-shell', 'point-sdk-to-token'])(
    '%s removes the variables that the POSIX shell removes',
    (name) => {
      const [posix, pwsh] = ['sh', 'ps1'].map((extension) => read(`${name}.${extension}`));
      const unset = /aws_oidc_unset((?: [A-Z_]+| \\\n *[A-Z_]+)+)/.exec(posix ?? '')?.[1] ?? '';
      const removed = /Remove-AwsOidcVariable @\(([^)]*)\)/.exec(pwsh ?? '')?.[1] ?? '';
      const expected = unset.match(/[A-Z_]{4,}/g) ?? [];
      expect(expected.length).toBeGreaterThan(3);
      expect(removed.match(/[A-Z_]{4,}/g)).toEqual(expected);
    },
  );

  it('refuses what the POSIX shell refuses, in the same words', () => {
    const messages = (script: string) =>
      (script.match(/the (?:input|job) [^'\n]*|GITLAB_OIDC_TOKEN is not [^'\n]*/g) ?? []).map((text) =>
        text.replace(/[" \\]+$/, ''),
      );
    const plain = (text: string) =>
      text
        .replace(/…/g, '...')
        .replace(/""|\\"/g, '"')
        .replace(/\$(?:env:)?/g, '');
    const posix = messages(plain(read('point-sdk-to-token.sh')));
    expect(posix.length).toBeGreaterThan(5);
    expect(messages(plain(read('point-sdk-to-token.ps1')))).toEqual(expect.arrayContaining(posix));
  });
});

describe('the program in the PowerShell of same-job', () => {
  const { before_script = [] } =
    readTemplate('same-job').configure({ role_arn: 'x', shell: 'pwsh' })['.aws-credentials'] ?? {};
  const [, unpack = ''] = /@'\n([\s\S]*)\n'@\)/.exec(before_script.join('\n')) ?? [];
  const run = (...options: readonly string[]) => {
    const directory = mkdtempSync(join(tmpdir(), 'unpack-'));
    writeFileSync(join(directory, 'unpack.mjs'), unpack);
    const program = join(directory, 'program.mjs');
    const { status, stderr } = spawnSync(
      process.execPath,
      [...options, join(directory, 'unpack.mjs'), program],
      { encoding: 'utf8' },
    );
    return { status, stderr, program };
  };

  it('is unpacked by Node, byte for byte', () => {
    const { status, program } = run();
    expect(status).toBe(0);
    expect(readFileSync(program).equals(readFileSync(join(root, 'dist/assume-role.mjs')))).toBe(true);
  });

  it('is not unpacked by a Node that is too old', () => {
    const old = "Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } })";
    const { status, stderr, program } = run('--import', `data:text/javascript,${encodeURIComponent(old)}`);
    expect({ status, unpacked: existsSync(program) }).toEqual({ status: 2, unpacked: false });
    expect(stderr).toBe(
      'aws-oidc: this job has Node 18.20.0.\n  Use Node 20 or later, or the component "web-identity", which does not need Node.\n',
    );
  });
});

const hasPowerShell = spawnSync('pwsh', ['-Version']).status === 0;

// skipped, and reported as skipped, where PowerShell 7 is not installed
describe.skipIf(!hasPowerShell)('in PowerShell 7', () => {
  const job = useSandbox();

  /** Runs a job as gitlab-runner does: one block, read from the input, with a check after each entry. */
  function runJob(
    component: 'same-job' | 'web-identity',
    script: string,
    options: { env?: Record<string, string>; inputs?: Record<string, unknown>; trace?: boolean } = {},
  ) {
    const hidden = component === 'same-job' ? '.aws-credentials' : '.aws-web-identity';
    const inputs = {
      role_arn: roles.deploy,
      audience: '',
      session_name: 'x-1',
      shell: 'pwsh',
      ...options.inputs,
    };
    const { before_script = [], variables } = readTemplate(component).configure(inputs)[hidden] ?? {};
    const check = '\nif(!$?) { Exit &{if($LASTEXITCODE) {$LASTEXITCODE} else {1}} }\n\n';
    const trace = options.trace ? 'Set-PSDebug -Trace 2\n' : '';
    const entries = [...before_script, script].map((entry) => entry.trim() + check).join('');
    const temporary = mkdtempSync(join(tmpdir(), 'job-tmp-'));
    const { status, stdout, stderr } = spawnSync('pwsh', ['-NoProfile', '-NonInteractive', '-Command', '-'], {
      input: `& {\n\n${trace}$ErrorActionPreference = "Stop"\n${entries}\n}\n\n`,
      encoding: 'utf8',
      env: {
        PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
        HOME: temporary,
        TMPDIR: temporary,
        GITLAB_OIDC_TOKEN: component === 'same-job' ? job.token : unsignedToken(),
        AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
        ...(trace && { CI_DEBUG_TRACE: 'true' }),
        ...variables,
        ...options.env,
      } as Record<string, string>,
    });
    const left = readdirSync(temporary).filter(
      (name) => name.includes('aws-oidc') || name.startsWith('tmp.'),
    );
    return { exitCode: status, stdout, stderr, left };
  }
  const print = 'Get-ChildItem Env: | ForEach-Object { "$($_.Name)=$($_.Value)" }';

  it('same-job sets the credentials in the shell, and leaves nothing', () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIASTATIC', AWS_PROFILE: 'old' };
    const { exitCode, stdout, stderr, left } = runJob('same-job', print, { env });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(stdout).toMatch(/^AWS_ACCESS_KEY_ID=ASIA/m);
    expect(stdout).toMatch(/^AWS_SECRET_ACCESS_KEY=.{40}$/m);
    expect(stdout).toMatch(/^AWS_ASSUMED_ROLE_ARN=arn:aws:sts::111111111111:assumed-role\/deploy\/x-1$/m);
    expect(stdout).not.toMatch(/^AWS_PROFILE=|^AWS_OIDC_OUTPUT/m);
    expect(stderr).toContain('AWS_PROFILE was unset in this job');
  });

  it('same-job leaves other variables alone if there is a prefix', () => {
    const { stdout } = runJob('same-job', print, {
      env: { AWS_PROFILE: 'old' },
      inputs: { env_prefix: 'PROD_' },
    });
    expect(stdout).toMatch(/^PROD_AWS_ACCESS_KEY_ID=ASIA/m);
    expect(stdout).toMatch(/^AWS_PROFILE=old$/m);
  });

  it('same-job creates a profile for each of several roles', () => {
    const role_arns = [`one=${roles.deploy}`, `two=${roles.build}`];
    const script = 'Write-Output "$env:AWS_PROFILE $(Get-Content -Raw $env:AWS_CONFIG_FILE)"';
    const { exitCode, stdout, left } = runJob('same-job', script, { inputs: { role_arns } });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(stdout).toMatch(/^one \[profile one\][\s\S]*\[profile two\]/m);
  });

  it.each([
    ['a wrong input', { AWS_OIDC_ROLE_ARN: '' }, 2],
    ['a refusal', { AWS_OIDC_ROLE_ARN: roles.production }, 1],
  ])("same-job ends the job with the program's exit code after %s", (_case, env, exitCode) => {
    const run = runJob('same-job', 'Write-Output "went on"', { env });
    expect({ exitCode: run.exitCode, left: run.left }).toEqual({ exitCode, left: [] });
    expect(run.stdout).not.toContain('went on\n');
  });

  it('web-identity tells the SDK the role, the token and the session name, and leaves nothing', () => {
    const inputs = { session_name: 'feature/login', region: 'eu-central-1', profile: 'ci' };
    const script = `${print}; Get-Content -Raw $env:AWS_WEB_IDENTITY_TOKEN_FILE; Get-Content -Raw $env:AWS_CONFIG_FILE`;
    const { exitCode, stdout, left } = runJob('web-identity', script, {
      inputs,
      env: { AWS_SECRET_ACCESS_KEY: 'canary' },
    });
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    for (const line of [
      `AWS_ROLE_ARN=${roles.deploy}`,
      'AWS_ROLE_SESSION_NAME=feature-login',
      'AWS_REGION=eu-central-1',
      unsignedToken(),
    ])
      expect(stdout).toContain(`\n${line}\n`);
    expect(stdout).toContain('[profile ci]\nrole_arn = ');
    expect(stdout).not.toContain('canary');
  });

  it.each([
    ['no token', { GITLAB_OIDC_TOKEN: '' }, 'GITLAB_OIDC_TOKEN is not an ID token'],
    ['no role', { AWS_OIDC_ROLE_ARN: '' }, 'the input "role_arn" is not the ARN of a role: "".'],
    [
      'a role of two lines',
      { AWS_OIDC_ROLE_ARN: `${roles.deploy}\nx` },
      'a character that is not allowed in an ARN',
    ],
    [
      'a region that would be two settings',
      { AWS_OIDC_REGION: 'x\ny = z' },
      'the input "region" or "profile" contains',
    ],
    [
      'a token instead of the role',
      { AWS_OIDC_ROLE_ARN: unsignedToken() },
      'the input "role_arn" contains a token.',
    ],
    ['no session name', { AWS_OIDC_SESSION_NAME: '' }, 'the input "session_name" is too short'],
    ['no temporary directory', { TMPDIR: '/no/such/directory' }, 'could not create a temporary directory'],
  ])('web-identity stops the job with %s', (_case, env, message) => {
    const { exitCode, stdout, stderr } = runJob('web-identity', 'Write-Output "went on"', { env });
    expect(exitCode).toBe(2);
    expect(stdout).not.toContain('went on\n');
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('eyJ');
  });

  it.each(['same-job', 'web-identity'] as const)(
    '%s prints no secret with the shell tracing every command',
    (component) => {
      const { exitCode, stdout, stderr } = runJob(component, 'Write-Output "went on"', { trace: true });
      expect(exitCode).toBe(0);
      expect(stdout + stderr).not.toMatch(/\beyJ|IQoJ|ASIA[A-Z0-9]{16}/);
    },
  );
});
