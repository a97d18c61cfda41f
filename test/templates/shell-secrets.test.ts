import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { useSandbox } from '../support/command-run.ts';
import { readTemplate } from '../support/configuration.ts';
import { runProgram } from '../support/run-program.ts';
import { shells } from '../support/shells.ts';

const job = useSandbox();

/** The variables that a job gets from the dotenv report. */
const handedOn = {
  AWS_ACCESS_KEY_ID: 'ASIACANARY0123456789',
  AWS_OIDC_ACCESS_KEY_ID: 'ASIACANARY0123456789',
  AWS_SECRET_ACCESS_KEY: 'canary-secret-key-0123456789',
  AWS_SESSION_TOKEN: 'canary-session-token-0123456789',
  AWS_CREDENTIAL_EXPIRATION: '2099-01-01T00:00:00Z',
};

/** Every script of the templates that handles a secret. */
const scripts: readonly (readonly [name: string, template: string, job: string, inputs: object])[] = [
  ['assume-role', 'assume-role', 'assume-role', {}],
  ['the guard of assume-role', 'assume-role', '.with-assume-role', {}],
  ['diagnose', 'diagnose', 'diagnose', {}],
  ['same-job', 'same-job', '.aws-credentials', {}],
  ['same-job with a prefix', 'same-job', '.aws-credentials', { env_prefix: 'PROD_' }],
  [
    'same-job with several roles',
    'same-job',
    '.aws-credentials',
    { role_arns: [`first=${roles.deploy}`, `second=${roles.build}`] },
  ],
  ['web-identity', 'web-identity', '.aws-web-identity', {}],
  ['web-identity with a profile', 'web-identity', '.aws-web-identity', { profile: 'ci' }],
];

/** Settings with which a shell prints what it reads, runs or knows. */
const ways: readonly (readonly [name: string, start: string, env: Record<string, string>])[] = [
  ['set -v', 'set -v', {}],
  ['set -x', 'set -x', {}],
  ['set -xv', 'set -xv', {}],
  ['SHELLOPTS', '', { SHELLOPTS: 'verbose:xtrace' }],
  [
    'a PS4 that expands variables',
    // as root, bash does not read PS4 from the environment
    "PS4='+$GITLAB_OIDC_TOKEN $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN '; set -x",
    {},
  ],
  ['a PS4 that runs a command', "PS4='+$(env) '; set -x", {}],
];

describe.each(shells)('in %s', (_, shell, args) => {
  async function run(
    [, template, name, inputs]: (typeof scripts)[number],
    start: string,
    env: Record<string, string>,
    end: string,
  ) {
    const configured = readTemplate(template).configure({ role_arn: roles.deploy, ...inputs });
    const { before_script = [], script = [], variables } = configured[name] ?? {};
    const withoutExchange = name === '.with-assume-role';
    // without the redirection, the trace would include these commands
    const whole = [`{ ${start || ':'}; } 2>/dev/null`, ...before_script, ...script, end].join('\n');
    const before = job.sandbox.sts.keys.issued.length;
    const result = await runProgram(shell, [...args, whole], {
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      TMPDIR: mkdtempSync(join(tmpdir(), 'job-tmp-')),
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      ...variables,
      ...(withoutExchange ? handedOn : { GITLAB_OIDC_TOKEN: job.token }),
      AWS_OIDC_AUDIENCE: '',
      ...env,
    });
    const issued = job.sandbox.sts.keys.issued.slice(before);
    const secrets = [
      job.token,
      handedOn.AWS_SECRET_ACCESS_KEY,
      handedOn.AWS_SESSION_TOKEN,
      ...issued.flatMap((key) => [key.secretAccessKey, key.sessionToken]),
    ];
    const printed = result.stdout + result.stderr;
    return { ...result, seen: secrets.filter((secret) => printed.includes(secret)) };
  }

  describe.each(scripts)('%s', (...script) => {
    it.each(ways)('prints no secret with %s', async (_way, start, env) => {
      // after the component's script, tracing is on again, and PS4 may expand secrets
      const { exitCode, stdout, seen } = await run(
        script,
        start,
        env,
        '{ set +xv; } 2>/dev/null; echo went on',
      );
      expect(seen).toEqual([]);
      // outside GitLab, doctor finds problems
      if (script[1] === 'diagnose') expect(stdout).toContain('STS');
      else expect({ exitCode, end: stdout.slice(-8) }).toEqual({ exitCode: 0, end: 'went on\n' });
    });

    it('prints no secret when it is canceled', async () => {
      const { exitCode, seen } = await run(
        script,
        'set -xv',
        {},
        '{ set +xv; } 2>/dev/null; kill -s TERM "$$"; sleep 1; env',
      );
      expect(seen).toEqual([]);
      if (script[1] !== 'diagnose') expect(exitCode).toBe(143);
    });
  });
});
