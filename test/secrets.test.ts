import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../sandbox/faults.ts';
import { roles } from '../sandbox/sandbox.ts';
import { run } from '../src/cli.ts';
import { useSandbox } from './support/command-run.ts';

const job = useSandbox();

/** What no output may have: parts of the token, and keys that are in the environment before. */
const canaryKey = 'canary-secret-key-0123456789';

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
    Action: 'sts:AssumeRoleWithWebIdentity',
  },
});

const commands: readonly (readonly string[])[] = [
  ['assume-role'],
  ['assume-role', '--output-format', 'env', '--output', 'OUTPUT'],
  ['assume-role', '--output-format', 'profile', '--output', 'OUTPUT'],
  ['assume-role', '--role-chain', roles.production, '--external-id', 'wrong'],
  ['assume-role', '--role-arn', 'TOKEN'],
  ['assume-role', '--session-name', 'TOKEN'],
  ['assume-role', '--policy', '{"Statement": "TOKEN"}'],
  ['assume-role', '--token-env', 'MISSING'],
  ['exec', '--', 'true'],
  ['exec', '--', '/no/such/command'],
  ['inspect'],
  ['inspect', '--format', 'json'],
  ['doctor'],
  ['doctor', '--format', 'json'],
  ['trust-policy', 'explain', '--policy', 'POLICY'],
  ['trust-policy', 'explain', '--policy', 'POLICY', '--format', 'json', '--error', 'AccessDenied: TOKEN'],
  ['trust-policy', 'explain', '--policy', 'POLICY', '--context', 'TOKEN'],
  ['trust-policy', 'explain', '--policy', 'POLICY', '--role-arn', 'TOKEN'],
];

const answer = (text: string) =>
  `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${text}</Message></Error></ErrorResponse>`;

const faults: readonly (readonly [name: string, fault: (token: string) => Fault | undefined])[] = [
  ['no fault', () => undefined],
  ['a refusal', () => ({ kind: 'error', error: 'notAuthorized' })],
  [
    'a refusal that repeats the token',
    (token) => ({ kind: 'garbage', status: 403, body: answer(`${token} ${canaryKey}`) }),
  ],
  ['a redirect to the token', (token) => ({ kind: 'garbage', status: 302, body: token })],
];

describe.each(faults)('with %s', (_, fault) => {
  it.each(commands)('%s %s %s %s %s shows no token and no key', async (...words) => {
    const { token } = job;
    const planned = fault(token);
    if (planned !== undefined) job.sandbox.sts.faults.plan(planned, 50);
    const io = job.io({
      AWS_OIDC_ROLE_ARN: roles.deploy,
      AWS_SECRET_ACCESS_KEY: canaryKey,
    });
    writeFileSync(join(io.directory, 'policy.json'), policy);
    const args = words.filter((word) => word !== undefined);
    const argv = args.map((word) =>
      word
        .replace('TOKEN', token)
        .replace('POLICY', join(io.directory, 'policy.json'))
        .replace('OUTPUT', join(io.directory, 'output')),
    );
    await run(argv, io);
    const parts = [token, ...token.split('.').slice(1), canaryKey];
    const kept = readdirSync(io.directory).map((name) => readFileSync(join(io.directory, name), 'utf8'));
    for (const part of parts) {
      expect(io.text()).not.toContain(part);
      for (const file of kept) expect(file).not.toContain(part);
    }
  });
});
