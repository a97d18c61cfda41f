import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../sandbox/faults.ts';
import { roles } from '../sandbox/sandbox.ts';
import { run } from '../src/command-line/run.ts';
import { useSandbox } from './support/command-run.ts';
import { nodeUnderTest, root } from './support/run-program.ts';

const job = useSandbox();

/** Secrets that are in the environment before, and must never be seen. */
const canaries = {
  AWS_SECRET_ACCESS_KEY: 'canary-secret-key-0123456789',
  AWS_SESSION_TOKEN: 'canary-session-token-0123456789',
  CI_JOB_TOKEN: 'glcbt-canary-job-token-0123456789',
  HTTPS_PROXY: 'http://user:canary-proxy-password@proxy.invalid:3128',
};
const canaryValues = [...Object.values(canaries), 'canary-proxy-password'];

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
    Action: 'sts:AssumeRoleWithWebIdentity',
  },
});

const setUp = [
  ...['--issuer', 'https://gitlab.example.com', '--project', 'acme/shop'],
  ...['--account', '111111111111', '--output', 'cli'],
];

/** TOKEN, POLICY, PIPELINE and OUTPUT stand for the token itself and for files. */
const commands: readonly (readonly string[])[] = [
  [],
  ['--help'],
  ['TOKEN'],
  ['--TOKEN'],
  ['assume-role'],
  ['assume-role', 'TOKEN'],
  ['assume-role', '--TOKEN'],
  ['assume-role', '--output-format', 'TOKEN'],
  ['assume-role', '--output-format', 'env', '--output', 'OUTPUT'],
  ['assume-role', '--output-format', 'bash-env', '--append', '--output', 'OUTPUT'],
  ['assume-role', '--output-format', 'profile', '--output', 'OUTPUT'],
  ['assume-role', '--output-format', 'profile', '--output', 'OUTPUT', '--profile', 'TOKEN'],
  ['assume-role', '--output-format', 'env', '--output', '/no/such/folder/file'],
  ['assume-role', '--role-chain', roles.production, '--external-id', 'shop-42'],
  ['assume-role', '--role-chain', roles.production, '--external-id', 'wrong'],
  ['ecr-login', '--output', 'OUTPUT'],
  ['ecr-login', '--registry', 'TOKEN'],
  ['assume-role', '--role-arn', 'TOKEN'],
  ...Object.values(canaries).map((canary) => ['assume-role', '--role-arn', canary]),
  ['assume-role', '--audience', 'TOKEN'],
  ['assume-role', '--region', 'TOKEN'],
  ['assume-role', '--duration', 'TOKEN'],
  ['assume-role', '--env-prefix', 'TOKEN'],
  ['assume-role', '--allowed-account-ids', 'TOKEN'],
  ['assume-role', '--session-name', 'TOKEN'],
  ['assume-role', '--policy', '{"Statement": "TOKEN"}'],
  ['assume-role', '--token-env', 'MISSING'],
  ['assume-role', '--token-env', 'AWS_SECRET_ACCESS_KEY'],
  ['assume-role', '--token-env', 'CI_JOB_TOKEN'],
  ['assume-role', '--token-file', 'POLICY'],
  ['exec', '--', 'true'],
  ['exec', '--', '/no/such/command'],
  ['inspect'],
  ['inspect', '--format', 'json'],
  ['inspect', '--token-env', 'AWS_SECRET_ACCESS_KEY'],
  ['doctor'],
  ['doctor', '--format', 'json'],
  ['trust-policy', 'generate', '--role-arn', 'TOKEN'],
  ['trust-policy', 'lint', 'POLICY'],
  ['trust-policy', 'lint', 'TOKEN'],
  ['trust-policy', 'explain', '--policy', 'POLICY'],
  ['trust-policy', 'explain', '--policy', 'POLICY', '--format', 'json', '--error', 'AccessDenied: TOKEN'],
  ['trust-policy', 'explain', '--policy', 'POLICY', '--context', 'TOKEN'],
  ['trust-policy', 'explain', '--policy', 'POLICY', '--role-arn', 'TOKEN'],
  ['audit', 'POLICY'],
  ['audit', 'TOKEN'],
  ['audit', '--profile', 'TOKEN'],
  ['audit', '--baseline', 'POLICY', 'TOKEN'],
  ['setup', '--remote', 'TOKEN'],
  ['setup', ...setUp, '--branch', 'TOKEN'],
  ['setup', ...setUp, '--branch', 'main', '--role-name', 'TOKEN'],
  ['setup', ...setUp, '--branch', 'main', '--policy', 'TOKEN'],
  ['setup', ...setUp, '--branch', 'main', '--component', 'TOKEN'],
  ['migrate', 'PIPELINE'],
  ['migrate', 'PIPELINE', '--write', '--to', 'component'],
  ['migrate', 'POLICY'],
];

const answer = (text: string) =>
  `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${text}</Message></Error></ErrorResponse>`;
const halfCredentials =
  '<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>canary-answered-0123456789</SecretAccessKey>';

/** What STS answers, once: the log may tell of the second attempt, too. */
const faults: readonly (readonly [name: string, fault: (token: string) => Fault | undefined])[] = [
  ['no fault', () => undefined],
  ['a refusal', () => ({ kind: 'error', error: 'notAuthorized' })],
  ['throttling', () => ({ kind: 'error', error: 'throttling' })],
  ['a status 500', () => ({ kind: 'status', status: 500 })],
  ['a reset', () => ({ kind: 'reset', when: 'during-answer' })],
  ['half an answer', () => ({ kind: 'truncate' })],
  ['half of some credentials', () => ({ kind: 'garbage', body: halfCredentials })],
  ['bytes with the token', (token) => ({ kind: 'garbage', body: `\0${token}` })],
  [
    'a refusal that repeats the token and a key',
    (token) => ({ kind: 'garbage', status: 403, body: answer(`${token} ${canaries.AWS_SECRET_ACCESS_KEY}`) }),
  ],
  ['a redirect to the token', (token) => ({ kind: 'status', status: 302, location: `http://x/${token}` })],
];

/** Everything that must not be seen by now: the token and its parts, the canaries, what STS issued. */
function secrets(): readonly string[] {
  const issued = job.sandbox.sts.keys.issued.flatMap((key) => [key.secretAccessKey, key.sessionToken]);
  return [
    job.token,
    ...job.token.split('.').slice(1),
    ...canaryValues,
    'canary-answered-0123456789',
    ...issued,
  ];
}

function seenIn(text: string): readonly string[] {
  return secrets().filter((secret) => text.includes(secret));
}

function filesUnder(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => statSync(join(folder, name)).isFile());
}

/** Puts the token and paths into a command, and the files there. */
function prepared(words: readonly string[], directory: string): readonly string[] {
  const place = (name: string, text?: string) => {
    if (text !== undefined) writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const paths = {
    TOKEN: job.token,
    POLICY: place('policy.json', policy),
    PIPELINE: place('.gitlab-ci.yml', 'deploy:\n  script:\n    - use $CI_JOB_JWT_V2\n'),
    OUTPUT: place('output'),
  };
  return words.map((word) => word.replace(/TOKEN|POLICY|PIPELINE|OUTPUT/g, (name) => paths[name as 'TOKEN']));
}

const named = (lines: readonly (readonly string[])[]) =>
  lines.map((words) => [words.join(' '), words] as const);

describe.each(faults)('with %s', (_, fault) => {
  it.each(named(commands))('aws-oidc %s shows no token and no key', async (_, words) => {
    const planned = fault(job.token);
    if (planned !== undefined) job.sandbox.sts.faults.plan(planned);
    const io = job.io({ AWS_OIDC_ROLE_ARN: roles.deploy, ...canaries });
    await run(prepared(words, io.directory), io);
    expect(seenIn(io.text())).toEqual([]);
    // where credentials are handed on they must be; nothing else may be there
    const handedOn = ['output', 'aws-oidc.env'];
    for (const name of filesUnder(io.directory).filter((name) => !handedOn.includes(name))) {
      expect({ name, seen: seenIn(readFileSync(join(io.directory, name), 'utf8')) }).toEqual({
        name,
        seen: [],
      });
    }
  });
});

/** What others on the machine can see of a process and of the ones that it starts: proc(5). */
interface Sighting {
  readonly titles: Set<string>;
  /** Of the processes that the program started. */
  readonly environments: Set<string>;
}

function look(pid: number, seen: Sighting, parentTitle?: string): void {
  const read = (name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'utf8');
    } catch {
      return ''; // it ended
    }
  };
  const title = read('cmdline');
  seen.titles.add(`${read('comm')} ${title}`);
  // between fork and exec a child is its parent's copy
  if (parentTitle !== undefined && title !== parentTitle) seen.environments.add(read('environ'));
  for (const child of read(`task/${pid}/children`).split(' ').filter(Boolean))
    look(Number(child), seen, title);
}

async function watched(program: string, args: readonly string[], cwd: string) {
  const env = {
    PATH: process.env.PATH ?? '',
    GITLAB_OIDC_TOKEN: job.token,
    AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
    AWS_OIDC_ROLE_ARN: roles.deploy,
    CI_JOB_ID: '1',
    ...canaries,
  };
  const child = spawn(nodeUnderTest, [join(root, program), ...args], { cwd, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more) => {
      output += more;
    });
  }
  const seen: Sighting = { titles: new Set(), environments: new Set() };
  const timer = setInterval(() => look(child.pid ?? 0, seen), 5);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  return { output, ...seen };
}

const programs: readonly (readonly string[])[] = [
  ['dist/assume-role.mjs'],
  ['dist/doctor.mjs'],
  ['dist/aws-oidc.mjs', 'assume-role', '--output-format', 'profile', '--output', 'OUTPUT'],
  ['dist/aws-oidc.mjs', 'inspect'],
  ['dist/aws-oidc.mjs', 'doctor'],
  ['dist/aws-oidc.mjs', 'trust-policy', 'explain', '--policy', 'POLICY'],
  ['dist/aws-oidc.mjs', 'trust-policy', 'lint', 'POLICY'],
  ['dist/aws-oidc.mjs', 'migrate', 'PIPELINE', '--write'],
];

describe.runIf(existsSync('/proc/self/environ'))('a running program', () => {
  it.each(named(programs))(
    '%s shows nothing to those who list processes',
    async (_, [program = '', ...args]) => {
      job.sandbox.sts.faults.plan({ kind: 'delay', ms: 200 });
      const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
      const { output, titles, environments } = await watched(program, prepared(args, directory), directory);
      expect([...titles].join()).toContain(program);
      expect(seenIn([output, ...titles].join('\n'))).toEqual([]);
      // none but exec starts another; migrate asks git, which gets none of it
      if (args[0] !== 'migrate') expect([...environments]).toEqual([]);
      expect(seenIn([...environments].join('\n'))).toEqual([]);
    },
  );

  it('dist/aws-oidc.mjs exec gives its command the credentials, and none of the secrets before', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
    const args = ['exec', '--', 'sleep', '0.5'];
    const { output, titles, environments } = await watched('dist/aws-oidc.mjs', args, directory);
    expect(seenIn([output, ...titles].join('\n'))).toEqual([]);
    const [issued] = job.sandbox.sts.keys.issued.slice(-1);
    const environment = [...environments].find((text) => text.includes('AWS_ACCESS_KEY_ID')) ?? '';
    expect(environment).toContain(issued?.sessionToken);
    // the job's own token and the proxy are its command's to use
    const kept = new Set([canaries.CI_JOB_TOKEN, canaries.HTTPS_PROXY, 'canary-proxy-password']);
    const wanted = new Set([issued?.secretAccessKey, issued?.sessionToken, ...kept]);
    for (const text of environments) expect(seenIn(text).filter((secret) => !wanted.has(secret))).toEqual([]);
  });
});
