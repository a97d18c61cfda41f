import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../sandbox/certificate.ts';
import { externalId, roles, type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { startProxy } from '../support/proxy.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';

const program = join(root, 'dist/assume-role.mjs');
let sandbox: Sandbox;
let secure: Sandbox;
let caFile: string;

beforeAll(async () => {
  const certificate = await makeCertificate();
  caFile = join(mkdtempSync(join(tmpdir(), 'ca-')), 'ca.pem');
  writeFileSync(caFile, certificate.cert);
  [sandbox, secure] = await Promise.all([startSandbox(), startSandbox({ certificate })]);
});
afterAll(() => Promise.all([sandbox.stop(), secure.stop()]));
afterEach(() => sandbox.sts.faults.clear());

async function run(env: Record<string, string> = {}, target = sandbox) {
  return runProgram(nodeUnderTest, [program], {
    PATH: '/usr/bin:/bin',
    GITLAB_OIDC_TOKEN: await target.issuer.mint(),
    AWS_ENDPOINT_URL_STS: target.sts.url,
    AWS_OIDC_ROLE_ARN: roles.deploy,
    CI_JOB_ID: '1',
    ...env,
  });
}

describe('dist/assume-role.mjs', () => {
  it('exchanges the token in one request, and prints only its log', async () => {
    const before = sandbox.sts.requests.length;
    const { exitCode, stdout, stderr, directory } = await run();
    // a warning of the SDK's own, about Node 20 for example, would be here
    expect({ exitCode, stderr, requests: sandbox.sts.requests.length - before }).toEqual({ exitCode: 0, stderr: '', requests: 1 });
    expect(stdout).toContain('section_start:');
    expect(readdirSync(directory)).toEqual(['aws-oidc.env']);
    expect(statSync(join(directory, 'aws-oidc.env')).mode & 0o777).toBe(0o600);
  });

  it('assumes a chain of roles, with signatures that STS accepts', async () => {
    const { exitCode, directory } = await run({
      AWS_OIDC_ROLE_CHAIN: JSON.stringify([roles.production]),
      AWS_OIDC_EXTERNAL_ID: externalId,
    });
    expect(exitCode).toBe(0);
    expect(readFileSync(join(directory, 'aws-oidc.env'), 'utf8')).toContain(':assumed-role/production/');
  });

  it.each([
    ['refused', { error: 'notAuthorized' }, 1, 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity'],
    ['an error that the SDK has a class for', { error: 'malformedPolicy' }, 1, 'MalformedPolicyDocument: Syntax errors'],
    ['throttled past the deadline', { error: 'throttling', retryAfter: '600' }, 75, 'Throttling: Rate exceeded'],
  ] as const)('ends with the right code if it is %s', async (_, fault, code, message) => {
    sandbox.sts.faults.plan({ kind: 'error', ...fault });
    const { exitCode, stdout, stderr, directory } = await run();
    expect({ exitCode, stderr, files: readdirSync(directory) }).toEqual({ exitCode: code, stderr: '', files: [] });
    expect(stdout).toContain(message);
  });

  it('does not read an endless response', async () => {
    sandbox.sts.faults.plan({ kind: 'garbage', body: '<a>'.repeat(4_000_000) });
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Attempt 1 failed');
  });

  it('ends with 2 if an input is invalid', async () => {
    const { exitCode, stdout } = await run({ AWS_OIDC_ROLE_ARN: '' });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('"role_arn" must not be empty');
  });

  it.each([
    ['the default profile', {}],
    ['the default profile, by name', { AWS_PROFILE: 'default' }],
    ['a profile', { AWS_PROFILE: 'x' }],
    ['a missing profile', { AWS_PROFILE: 'missing' }],
  ])('reads no file of the machine: %s is ignored', async (_, env) => {
    const home = mkdtempSync(join(tmpdir(), 'home-'));
    mkdirSync(join(home, '.aws'));
    const [config, credentials, opened] = ['.aws/config', '.aws/credentials', 'opened'].map((name) => join(home, name));
    const settings =
      'region = ap-south-1\nendpoint_url = http://127.0.0.1:1\nuse_fips_endpoint = true\nrole_arn = arn:aws:iam::9:role/x\n' +
      'aws_access_key_id = AKIASTATIC\naws_secret_access_key = static\nretry_mode = adaptive\nsource_profile = x\n';
    writeFileSync(config ?? '', `[default]\n${settings}[profile x]\n${settings}`);
    writeFileSync(credentials ?? '', `[default]\n${settings}[x]\n${settings}`);
    const { exitCode, directory } = await run({
      HOME: home,
      AWS_CONFIG_FILE: config ?? '',
      AWS_SHARED_CREDENTIALS_FILE: credentials ?? '',
      // a second role is asked for with a signature: there are keys to be found
      AWS_OIDC_ROLE_CHAIN: JSON.stringify([roles.production]),
      AWS_OIDC_EXTERNAL_ID: externalId,
      NODE_OPTIONS: `--require ${join(root, 'test/support/opened-files.cjs')}`,
      OPENED_FILES: opened ?? '',
      ...env,
    });
    expect(exitCode).toBe(0);
    expect(readFileSync(join(directory, 'aws-oidc.env'), 'utf8')).toContain('AWS_REGION=us-east-1\n');
    const files = readFileSync(opened ?? '', 'utf8').trimEnd().split('\n');
    // its own report, and nothing else
    expect(files.filter((file) => !file.endsWith(program))).toEqual(['aws-oidc.env.partial', 'aws-oidc.env.partial']);
  });

  it('uses the endpoint of the region, in its partition', async () => {
    // a proxy that refuses shows where requests would go, without sending one
    const proxy = await startProxy('never');
    const asked = async (env: Record<string, string>) => {
      await run({ AWS_ENDPOINT_URL_STS: '', HTTPS_PROXY: proxy.url.replace('never', 'wrong'), ...env });
      return proxy.asked.at(-1);
    };
    expect(await asked({ AWS_REGION: 'eu-central-1' })).toBe('CONNECT sts.eu-central-1.amazonaws.com:443');
    expect(await asked({ AWS_OIDC_ROLE_ARN: 'arn:aws-cn:iam::111111111111:role/x' })).toBe('CONNECT sts.cn-north-1.amazonaws.com.cn:443');
    expect(await asked({ AWS_OIDC_ROLE_ARN: 'arn:aws-us-gov:iam::111111111111:role/x' })).toBe('CONNECT sts.us-gov-west-1.amazonaws.com:443');
    expect(await asked({ AWS_OIDC_ROLE_ARN: 'arn:aws-eusc:iam::111111111111:role/x' })).toBe('CONNECT sts.eusc-de-east-1.amazonaws.eu:443');
    expect(await asked({ AWS_USE_FIPS_ENDPOINT: 'true', AWS_REGION: 'us-east-2' })).toBe('CONNECT sts-fips.us-east-2.amazonaws.com:443');
    // whatever a file of the machine says
    const config = join(mkdtempSync(join(tmpdir(), 'config-')), 'config');
    writeFileSync(config, '[default]\nendpoint_url = https://evil.example.com\nservices = x\n[services x]\nsts =\n  endpoint_url = https://evil.example.com\n');
    expect(await asked({ AWS_CONFIG_FILE: config, AWS_REGION: 'us-east-1' })).toBe('CONNECT sts.us-east-1.amazonaws.com:443');
    proxy.stop();
  });
});

describe('a crash', () => {
  // what a bug in a library could do once a request is made: throw an error that holds the token
  const token = 'process.env.GITLAB_OIDC_TOKEN';
  it.each([
    ['in a call', `throw new TypeError(${token})`],
    ['later', `setImmediate(() => { throw Object.assign(new Error(${token}), { body: ${token} }); })`],
    ['in a promise', `Promise.reject(new RangeError(${token}))`],
  ])('%s prints its type and stack locations, never its message', async (_, code) => {
    const preload = join(mkdtempSync(join(tmpdir(), 'crash-')), 'crash.cjs');
    writeFileSync(
      preload,
      `const http = require('node:http'), { request } = http; http.request = (...all) => { ${code}; return request(...all); };`,
    );
    const { exitCode, stdout, stderr, directory } = await run({ NODE_OPTIONS: `--require ${preload}` });
    expect({ exitCode, stderr, files: readdirSync(directory) }).toEqual({ exitCode: 1, stderr: '', files: [] });
    expect(stdout).toMatch(/This is a bug in aws-oidc: (Type|Range)?Error/);
    expect(stdout).toContain('crash.cjs');
    expect(stdout).not.toContain('eyJ');
  });
});

describe('a crash of the other programs', () => {
  it.each([
    ['dist/doctor.mjs', []],
    ['dist/aws-oidc.mjs', ['assume-role']],
    ['dist/aws-oidc.mjs', ['exec', '--', 'true']],
    ['dist/assume-role.mjs', []],
  ])('%s prints no line of a message that looks like a stack frame', async (file, args) => {
    const preload = join(mkdtempSync(join(tmpdir(), 'crash-')), 'crash.cjs');
    const message = '`x\\n    at ${process.env.GITLAB_OIDC_TOKEN}\\n    at f (${process.env.GITLAB_OIDC_TOKEN}:1:1)`';
    writeFileSync(
      preload,
      `const http = require('node:http'), { request } = http; http.request = (...all) => { setImmediate(() => { throw new Error(${message}); }); return request(...all); };`,
    );
    const token = await sandbox.issuer.mint();
    const { exitCode, stdout, stderr } = await runProgram(nodeUnderTest, [join(root, file), ...args], {
      PATH: '/usr/bin:/bin',
      GITLAB_OIDC_TOKEN: token,
      AWS_ENDPOINT_URL_STS: sandbox.sts.url,
      AWS_OIDC_ROLE_ARN: roles.deploy,
      NODE_OPTIONS: `--require ${preload}`,
    });
    expect(exitCode).toBe(1);
    expect(stdout + stderr).toContain('This is a bug in aws-oidc: Error');
    for (const part of token.split('.')) expect(stdout + stderr).not.toContain(part);
  });
});

describe('certificates', () => {
  it.each([['AWS_CA_BUNDLE'], ['NODE_EXTRA_CA_CERTS']])('a private CA is read from %s', async (variable) => {
    const { exitCode, stderr } = await run({ [variable]: caFile }, secure);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('a certificate that is not trusted is refused permanently', async () => {
    const before = secure.sts.requests.length;
    const { exitCode, stdout } = await run({}, secure);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('add its CA to AWS_CA_BUNDLE');
    expect(secure.sts.requests.length).toBe(before);
  });

  it.each([
    ['directly', async () => ({})],
    [
      'through a proxy',
      async () => {
        const proxy = await startProxy();
        return { HTTPS_PROXY: proxy.url };
      },
    ],
  ])('NODE_TLS_REJECT_UNAUTHORIZED=0 does not disable certificate checks, %s', async (_, way) => {
    const before = secure.sts.requests.length;
    const { exitCode, stdout } = await run({ NODE_TLS_REJECT_UNAUTHORIZED: '0', ...(await way()) }, secure);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('NODE_TLS_REJECT_UNAUTHORIZED is ignored');
    expect(stdout).toContain('add its CA to AWS_CA_BUNDLE');
    expect(secure.sts.requests.length).toBe(before);
  });

  it('TLS to a server without TLS fails permanently', async () => {
    const { exitCode, stdout } = await run({ AWS_ENDPOINT_URL_STS: sandbox.sts.url.replace('http:', 'https:') });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('is not trusted');
  });
});

describe('proxies', () => {
  it('goes through HTTPS_PROXY, with a password and a private CA', async () => {
    const proxy = await startProxy('pass-word');
    const { exitCode, stdout, stderr } = await run({ HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: caFile, DEBUG: '*' }, secure);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(proxy.asked).toEqual([`CONNECT ${new URL(secure.sts.url).host}`]);
    expect(stdout).not.toContain('pass-word');
    proxy.stop();
  });

  it('goes through HTTP_PROXY if the endpoint has no TLS', async () => {
    const proxy = await startProxy('pass-word');
    const { exitCode, stdout, stderr } = await run({ HTTP_PROXY: proxy.url, DEBUG: '*' });
    expect({ exitCode, asked: proxy.asked }).toEqual({ exitCode: 0, asked: [`POST ${sandbox.sts.url}/`] });
    expect(stdout + stderr).not.toContain('pass-word');
    proxy.stop();
  });

  it('bypasses the proxy if NO_PROXY contains the host', async () => {
    const proxy = await startProxy();
    const { exitCode } = await run({ HTTP_PROXY: proxy.url, NO_PROXY: 'localhost,127.0.0.1' });
    expect({ exitCode, asked: proxy.asked }).toEqual({ exitCode: 0, asked: [] });
    proxy.stop();
  });

  it('reports that the proxy refuses, without its password', async () => {
    const proxy = await startProxy('right-one');
    const { exitCode, stdout } = await run({ HTTPS_PROXY: proxy.url.replace('right-one', 'wrong-one'), AWS_CA_BUNDLE: caFile }, secure);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('The response did not come from AWS STS: HTTP status 407');
    expect(stdout).not.toContain('wrong-one');
    proxy.stop();
  });

  it('refuses a proxy that is not a URL', async () => {
    const { exitCode, stdout } = await run({ HTTP_PROXY: 'socks5://user:pass-word@x' });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('must be an http or https URL');
    expect(stdout).not.toContain('pass-word');
  });
});

describe('dist/aws-oidc.mjs', () => {
  it('runs as a command', async () => {
    const { exitCode, stdout, stderr } = await runProgram(nodeUnderTest, [join(root, 'dist/aws-oidc.mjs'), '--version'], {});
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('reads standard input if a file is "-"', async () => {
    const script = `echo '{"Statement": []}' | "$0" "$1" trust-policy lint -`;
    const args = ['-c', script, nodeUnderTest, join(root, 'dist/aws-oidc.mjs')];
    const { exitCode, stdout } = await runProgram('sh', args, { PATH: process.env.PATH ?? '' });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('-:1:1');
  });

  it.each(['text', 'json', 'codequality'])('fails if a report as %s cannot be written', async (format) => {
    const policy = join(mkdtempSync(join(tmpdir(), 'full-')), 'policy.json');
    writeFileSync(policy, JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: '*', Action: '*' } }));
    const script = '"$0" "$1" trust-policy lint --fail-on blocker --format "$3" "$2" > /dev/full';
    const args = ['-c', script, nodeUnderTest, join(root, 'dist/aws-oidc.mjs'), policy, format];
    const { exitCode, stderr } = await runProgram('sh', args, { PATH: process.env.PATH ?? '' });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The output could not be written (ENOSPC)');
  });

  it.each(['text', 'json', 'codequality'])('ends silently if the reader closes a report as %s early', async (format) => {
    const policy = join(mkdtempSync(join(tmpdir(), 'pipe-')), 'policy.json');
    const statement = { Effect: 'Allow', Principal: '*', Action: '*' };
    writeFileSync(policy, JSON.stringify({ Version: '2012-10-17', Statement: Array(300).fill(statement) }));
    const script = '"$0" "$1" trust-policy lint --format "$3" "$2" | { read -r line; echo "$line"; }';
    const args = ['-c', script, nodeUnderTest, join(root, 'dist/aws-oidc.mjs'), policy, format];
    const { exitCode, stderr } = await runProgram('sh', args, { PATH: process.env.PATH ?? '' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('keeps standard output for results', async () => {
    const args = [join(root, 'dist/aws-oidc.mjs'), 'assume-role', '--role-arn', roles.deploy];
    const env = { GITLAB_OIDC_TOKEN: await sandbox.issuer.mint(), AWS_ENDPOINT_URL_STS: sandbox.sts.url };
    const { exitCode, stdout, stderr } = await runProgram(nodeUnderTest, args, env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toContain('✔ arn:aws:sts::111111111111:assumed-role/deploy/');
    expect(stderr).not.toContain('\u001b');
  });
});
