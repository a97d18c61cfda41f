import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../../sandbox/sandbox.ts';
import { assumeRoleCommand } from '../../../src/commands/session/assume-role.ts';
import { limits, useSandbox } from '../../support/command-run.ts';

const job = useSandbox();

describe('network and server errors', () => {
  it.each([
    ['a reset before the response', { kind: 'reset', when: 'before-answer' }],
    ['a reset during the response', { kind: 'reset', when: 'during-answer' }],
    ['half a response', { kind: 'truncate' }],
    ['garbage with status 200', { kind: 'garbage', body: '<html>wifi login</html>' }],
    ['an empty response', { kind: 'garbage', body: '' }],
    ['bytes', { kind: 'garbage', body: '\0\u0001\u0002' }],
    ['the response of another operation', { kind: 'garbage', body: '<A><B>c</B></A>' }],
    [
      'a response without keys',
      {
        kind: 'garbage',
        body: '<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult/></AssumeRoleWithWebIdentityResponse>',
      },
    ],
    ['a bare 500', { kind: 'status', status: 500 }],
    ['a bare 503', { kind: 'status', status: 503 }],
    ['a bare 429', { kind: 'status', status: 429, retryAfter: '0' }],
    ['a response that takes too long', { kind: 'delay', ms: 900 }],
  ] as const)('%s is retried', async (_, fault) => {
    job.sandbox.sts.faults.plan(fault);
    const { io, exitCode, requests } = await job.run();
    expect({ exitCode, requests }).toEqual({ exitCode: 0, requests: 2 });
    expect(io.files()).toContain('aws-oidc.env');
  });

  it.each([
    ['a page of a proxy', { kind: 'garbage', body: '<html>blocked</html>', status: 403 }, 'HTTP status 403'],
    ['a proxy that wants a password', { kind: 'status', status: 407 }, 'HTTP status 407'],
    ['a redirect', { kind: 'status', status: 302 }, 'HTTP status 302'],
  ] as const)('%s fails immediately', async (_, fault, message) => {
    job.sandbox.sts.faults.plan(fault);
    const { io, exitCode, requests, log } = await job.run();
    expect({ exitCode, requests, files: io.files() }).toEqual({
      exitCode: 1,
      requests: 1,
      files: ['annotations.json'],
    });
    expect(log).toContain(`✘ The response did not come from AWS STS: ${message}`);
    expect(log).toContain('Check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL_STS.');
    expect(log).not.toContain('<html>');
  });

  it('waits as long as Retry-After says, but not past the deadline', async () => {
    job.sandbox.sts.faults.plan({ kind: 'error', error: 'throttling', retryAfter: '3600' }, 9);
    const started = performance.now();
    const { exitCode, requests } = await job.run();
    expect({ exitCode, requests }).toEqual({ exitCode: 75, requests: 1 });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('an unreachable server ends with 75', async () => {
    const { exitCode, log } = await job.run({}, { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' });
    expect(exitCode).toBe(75);
    expect(log).toContain('✘ ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('a response for another account is discarded', async () => {
    const credentials =
      '<Credentials><AccessKeyId>ASIAOTHER</AccessKeyId><SecretAccessKey>canary-secret</SecretAccessKey>' +
      '<SessionToken>canary-token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>';
    for (const arn of [
      'arn:aws:sts::999999999999:assumed-role/deploy/x-y',
      'arn:aws:iam::111111111111:role/deploy',
    ]) {
      const user = `<AssumedRoleUser><Arn>${arn}</Arn></AssumedRoleUser>`;
      const body = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>${credentials}${user}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
      job.sandbox.sts.faults.plan({ kind: 'garbage', body });
      const { io, exitCode, log } = await job.run();
      expect({ exitCode, files: io.files() }).toEqual({ exitCode: 1, files: ['annotations.json'] });
      expect(log).toContain(`✘ STS returned credentials for "${arn}" instead of "${roles.deploy}"`);
      expect(log).not.toContain('canary');
    }
  });

  it('a response without a role, as MinIO returns it, is discarded with a hint on what to use', async () => {
    const body =
      '<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><AssumedRoleUser><Arn></Arn></AssumedRoleUser>' +
      '<Credentials><AccessKeyId>EXAMPLE</AccessKeyId><SecretAccessKey>canary-secret</SecretAccessKey>' +
      '<SessionToken>canary-token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>' +
      '</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>';
    job.sandbox.sts.faults.plan({ kind: 'garbage', body });
    const { io, exitCode, log } = await job.run();
    expect({ exitCode, files: io.files() }).toEqual({ exitCode: 1, files: ['annotations.json'] });
    expect(log).toContain('✘ The response does not say which role was assumed');
    expect(log).toContain('The component "web-identity" works with them');
    expect(log).not.toContain('canary');
  });
});

describe('what a hostile server or file system can do', () => {
  it('an endpoint that receives the token and refuses is named in the log', async () => {
    job.sandbox.sts.faults.plan({ kind: 'error', error: 'notAuthorized' });
    const { exitCode, log } = await job.run();
    expect(exitCode).toBe(1);
    expect(log).toMatch(new RegExp(`Endpoint +${job.sandbox.sts.url}/\\n`));
  });

  it('an error that repeats the token does not put it in the log', async () => {
    const message = `Value '${job.token}' at 'webIdentityToken', and \u001b[31m red \nnew line`;
    const body = `<ErrorResponse><Error><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`;
    job.sandbox.sts.faults.plan({ kind: 'garbage', body, status: 400 });
    const { exitCode, log } = await job.run();
    expect(exitCode).toBe(1);
    expect(log).toContain("Value '[masked]' at 'webIdentityToken', and \\u{1b}[31m red \\u{a}new line");
    for (const part of job.token.split('.')) expect(log).not.toContain(part);
  });

  it('a session token that does not fit on one line of a report is refused, and not shown', async () => {
    const result =
      '<AssumedRoleUser><Arn>arn:aws:sts::111111111111:assumed-role/deploy/x-y</Arn></AssumedRoleUser>';
    const body = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>canary&#10;LD_PRELOAD=/evil</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>${result}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
    job.sandbox.sts.faults.plan({ kind: 'garbage', body });
    const { io, exitCode, log } = await job.run();
    expect({ exitCode, files: io.files() }).toEqual({ exitCode: 1, files: ['annotations.json'] });
    expect(log).toContain(
      '✘ The value of "AWS_SESSION_TOKEN" must be one line of printable characters without spaces',
    );
    expect(log).not.toContain('canary');
  });

  it('a symbolic link at the path is refused before the token is sent', async () => {
    const io = job.io();
    const target = join(io.directory, 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, join(io.directory, 'aws-oidc.env'));
    const before = job.sandbox.sts.requests.length;
    expect(await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy } }, limits)).toBe(1);
    expect(job.sandbox.sts.requests.length).toBe(before);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(io.text()).toContain('Remove the symbolic link');
  });

  it('a directory that cannot be written to is an error without a request or a file', async () => {
    const io = job.io();
    mkdirSync(join(io.directory, 'aws-oidc.env'));
    expect(await assumeRoleCommand(io, { inputs: { role_arn: roles.deploy } }, limits)).toBe(1);
    expect(io.text()).toContain('must not exist or be a regular file');
  });

  it('a token in the wrong input is not shown', async () => {
    const { exitCode, log } = await job.run({ role_arn: job.token });
    expect(exitCode).toBe(2);
    expect(log).toContain('found: [masked]');
    for (const part of job.token.split('.')) expect(log).not.toContain(part);
  });

  it('a region with a typo is reported immediately, with a similar one', async () => {
    // the endpoint of the region itself, which no name server knows
    const env = { AWS_ENDPOINT_URL_STS: undefined };
    const { exitCode, log } = await job.run({ region: 'eu-centrl-1' }, env);
    expect(exitCode).toBe(2);
    expect(log).toMatch(/✘ Invalid input\. (ENOTFOUND|EAI_AGAIN): /);
    expect(log).toContain(
      '"region" must be the name of an AWS region\n    found: eu-centrl-1\n    Did you mean "eu-central-1"?',
    );
    expect(log).not.toContain('Attempt 2');
  });
});
