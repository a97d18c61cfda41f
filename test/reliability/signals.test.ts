import { existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roles } from '../../sandbox/sandbox.ts';
import { useSandbox } from '../support/command-run.ts';
import { expectSection, markdownTable } from '../support/generated-section.ts';
import { nodeUnderTest, type ProgramRun, root, runProgram } from '../support/run-program.ts';
import { arrived, commandOf, leaveBefore, leftovers, variablesOf, type Way, ways } from './ways.ts';

const job = useSandbox();
const program = join(root, 'dist/aws-oidc.mjs');
const hook = join(import.meta.dirname, 'signal-hook.cjs');

const always = [
  'the program starts',
  'the request is sent',
  'the program waits to retry',
  'the response has arrived',
] as const;
const writing = ['the new file is created', 'the new file is written', 'the new file is renamed'] as const;
const steps = [...always, ...writing] as const;

type Signal = 'SIGTERM' | 'SIGKILL';

function runWay(way: Way, directory: string, env: Readonly<Record<string, string>>): Promise<ProgramRun> {
  const common = {
    PATH: process.env.PATH ?? '',
    GITLAB_OIDC_TOKEN: job.token,
    AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
    AWS_OIDC_ROLE_ARN: roles.deploy,
    ...variablesOf(way, directory),
  };
  const args = [...(env.STEP === undefined ? [] : ['-r', hook]), ...commandOf(way, directory)];
  return runProgram(nodeUnderTest, args, { ...common, ...env }, directory);
}

/** What a program that was ended by a signal leaves behind. */
function stateOf(way: Way, directory: string, output: string): string {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const partial = files.find((name) => name.endsWith('.partial'));
  if (partial !== undefined) {
    return `a partial file (mode 0${(statSync(join(directory, partial)).mode & 0o777).toString(8)})`;
  }
  // the signal came before the earlier file was removed
  const earlier = way.file !== undefined && way.kept === undefined && existsSync(join(directory, way.file));
  if (leftovers(way, directory, output).length === 0) return 'nothing';
  if (arrived(way, directory, output)) return 'the complete output';
  return earlier ? 'the earlier file' : 'something else';
}

async function stopped(way: Way, step: string, signal: Signal) {
  const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
  leaveBefore(way, directory);
  job.sandbox.sts.faults.clear();
  // otherwise the response could arrive before the signal
  if (step === 'the request is sent') job.sandbox.sts.faults.plan({ kind: 'delay', ms: 3000 }, 100);
  if (step === 'the program waits to retry')
    job.sandbox.sts.faults.plan({ kind: 'status', status: 500 }, 100);
  // profiles are written without trying the directory first
  const openings = way.format === 'profile' ? '1' : '2';
  const env = { STEP: step, SIGNAL: signal, OPENINGS: openings };
  const { exitCode, stdout, stderr } = await runWay(way, directory, env);
  job.sandbox.sts.faults.clear();
  // with several roles, standard output is the job's log
  const state = stateOf(way, directory, way.several ? '' : stdout);
  expect(stderr).not.toMatch(/ASIA|bug of aws-oidc/);
  if (way.file !== undefined) await nextRunSucceeds(way, directory);
  return { way: way.name, exitCode, state };
}

async function nextRunSucceeds(way: Way, directory: string): Promise<void> {
  const next = await runWay(way, directory, {});
  expect({ way: way.name, exitCode: next.exitCode }).toEqual({ way: way.name, exitCode: 0 });
  expect(arrived(way, directory, next.stdout)).toBe(true);
  expect(
    readdirSync(directory, { recursive: true }).filter((name) => `${name}`.endsWith('.partial')),
  ).toEqual([]);
}

/** What may be left; the documentation says the same. */
const allowed: Record<Signal, Readonly<Record<(typeof steps)[number], readonly string[]>>> = {
  SIGTERM: {
    'the program starts': ['nothing', 'the earlier file'],
    'the request is sent': ['nothing'],
    'the program waits to retry': ['nothing'],
    'the response has arrived': ['nothing', 'the complete output'],
    'the new file is created': ['the complete output'],
    'the new file is written': ['the complete output'],
    'the new file is renamed': ['the complete output'],
  },
  SIGKILL: {
    'the program starts': ['nothing', 'the earlier file'],
    'the request is sent': ['nothing'],
    'the program waits to retry': ['nothing'],
    'the response has arrived': ['nothing'],
    'the new file is created': ['a partial file (mode 0600)'],
    'the new file is written': ['a partial file (mode 0600)'],
    'the new file is renamed': ['the complete output'],
  },
};

/** -1: the signal itself ended the program. 0: the signal came after the work was done. */
const exitCodes: Record<Signal, (state: string) => readonly number[]> = {
  SIGTERM: (state) => (state === 'the complete output' ? [143, 0] : [143, -1]),
  SIGKILL: () => [-1],
};

describe.each(['SIGTERM', 'SIGKILL'] as const)('%s', (signal) => {
  it.each(steps)('when %s leaves no half-written output, and the next run succeeds', async (step) => {
    const atomic = ways.filter(
      (way) => way.file !== undefined && !way.several && way.name !== 'bash-env --append',
    );
    const affected = (writing as readonly string[]).includes(step) ? atomic : ways;
    const outcomes = [];
    for (const way of affected) outcomes.push(await stopped(way, step, signal));
    for (const { way, exitCode, state } of outcomes) {
      expect(exitCodes[signal](state), `${way}, ${step}`).toContain(exitCode);
      expect(allowed[signal][step], `${way}, ${step}`).toContain(state);
    }
  });

  it('while its command runs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
    const command = [
      'sh',
      '-c',
      `trap ': > ended; exit 3' TERM; kill -s ${signal.slice(3)} $PPID; sleep 5 & wait`,
    ];
    const env = {
      PATH: process.env.PATH ?? '',
      GITLAB_OIDC_TOKEN: job.token,
      AWS_ENDPOINT_URL_STS: job.sandbox.sts.url,
      AWS_OIDC_ROLE_ARN: roles.deploy,
    };
    const { exitCode } = await runProgram(nodeUnderTest, [program, 'exec', '--', ...command], env, directory);
    // SIGKILL cannot be passed on
    expect({ exitCode, ended: existsSync(join(directory, 'ended')) }).toEqual(
      signal === 'SIGTERM' ? { exitCode: 3, ended: true } : { exitCode: -1, ended: false },
    );
  });
});

describe('the documentation', () => {
  it('says what may be left', () => {
    const rows = steps.map((step) => [
      step,
      allowed.SIGTERM[step].join(' or '),
      allowed.SIGKILL[step].join(' or '),
    ]);
    const table = markdownTable(['the signal arrives when', 'SIGTERM leaves', 'SIGKILL leaves'], rows);
    expectSection('docs/reliability.md', 'signals', table);
  });
});
