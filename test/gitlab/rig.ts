import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { startControl } from '../../sandbox/control.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { root } from '../support/run-program.ts';

/**
 * GitLab's own configuration code and a real gitlab-runner, as two programs in the folder AWS_OIDC_GITLAB:
 *
 * - `expand CHECKOUT PIPELINE…` prints what GitLab makes of pipelines, with components from CHECKOUT/templates
 * - `pipeline CHECKOUT PIPELINE …` runs one, each job in the runner's shell executor
 */
const folder = process.env.AWS_OIDC_GITLAB ?? '';

const run = promisify(execFile);

/** A kind of ref, and its name: `branch:main`, `tag:v1`, `merge_request:feature`. */
export type Ref = `${'branch' | 'tag' | 'merge_request'}:${string}`;

/** What GitLab makes of a pipeline. */
export interface Expanded {
  readonly file: string;
  readonly valid: boolean;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly jobs: readonly ExpandedJob[];
}

export interface ExpandedJob {
  readonly name: string;
  /** Whether the job is in the pipeline for the requested ref. */
  readonly included?: boolean;
  readonly when: string;
  readonly stage_idx: number;
  /** Missing if the job has no `needs`. */
  readonly needs_attributes?: readonly { readonly name: string }[];
  readonly job_variables: readonly { readonly key: string; readonly value: string }[];
  readonly tag_list?: readonly string[];
  readonly options: {
    readonly before_script?: readonly string[];
    readonly script: readonly string[];
    readonly artifacts?: Readonly<Record<string, unknown>>;
  };
}

/** What pipelines are expanded with. */
export interface ExpandOptions {
  readonly ref?: Ref;
  /** In rules, these replace the variables of the ref, such as CI_PIPELINE_SOURCE. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly checkout?: string;
  /** Files that pipelines include, by name. */
  readonly others?: Readonly<Record<string, string>>;
}

/**
 * Expands pipelines with GitLab's code, all in one run.
 *
 * @param pipelines texts by name
 */
export async function expand(
  pipelines: Readonly<Record<string, string>>,
  { ref, variables = {}, checkout = root, others = {} }: ExpandOptions = {},
): Promise<Readonly<Record<string, Expanded>>> {
  const directory = mkdtempSync(join(tmpdir(), 'expand-'));
  for (const [name, text] of Object.entries(others)) writeFileSync(join(directory, name), text);
  const names = Object.keys(pipelines);
  const files = names.map((name, index) => {
    const file = join(directory, `pipeline-${index}.yml`);
    writeFileSync(file, pipelines[name] ?? '');
    return file;
  });
  const { stdout } = await run(join(folder, 'expand'), [checkout, ...files], {
    env: { ...process.env, REF: ref ?? '', VARIABLES: JSON.stringify(variables) },
    maxBuffer: 1 << 30,
  }).catch((error) => {
    // 1: not all of them are valid
    if (error.code !== 1) throw error;
    return error as { stdout: string };
  });
  const results = JSON.parse(stdout) as Expanded[];
  return Object.fromEntries(names.map((name, index) => [name, results[index] as Expanded]));
}

/** How a job ended in the runner. */
export interface JobResult {
  readonly name: string;
  readonly state: 'success' | 'failed' | 'skipped';
  readonly exit_code: number;
  readonly failure_reason: string;
  /** The log, without colors. */
  readonly trace: string;
  readonly dotenv: Readonly<Record<string, string>> | null;
  readonly annotations: Readonly<Record<string, unknown>> | null;
  /** Files that the job left in its temporary directory. */
  readonly left: readonly string[];
}

/** What a pipeline is run with. */
export interface RunOptions {
  readonly sandbox: Sandbox;
  /** The branch of the tokens that the jobs get; by default main. */
  readonly tokenRef?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly shell?: RunnerShell;
  readonly checkout?: string;
  readonly args?: readonly string[];
}

/** Arguments that choose the shell of the runner. */
export type RunnerShell = readonly string[];

/**
 * Runs a pipeline. Each job gets its own token from the sandbox's issuer, for the audience that it declares.
 */
export async function runInRunner(
  pipeline: string,
  options: RunOptions,
): Promise<Readonly<Record<string, JobResult>>> {
  const { sandbox, tokenRef = 'main', shell = [], checkout = root, args = [] } = options;
  const directory = mkdtempSync(join(tmpdir(), 'runner-'));
  const file = join(directory, 'pipeline.yml');
  writeFileSync(file, pipeline);
  const results = join(directory, 'results.json');
  const control = await startControl(sandbox);
  const mint = `'${process.execPath}' '${join(import.meta.dirname, 'mint-token.ts')}' '${control.url}' '${tokenRef}'`;
  const { AWS_ENDPOINT_URL: awsUrl } = options.variables ?? {};
  const variables = { ...(!awsUrl && { AWS_ENDPOINT_URL_STS: sandbox.sts.url }), ...options.variables };
  const all = [
    ...Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]),
    ...['--id-token-command', mint, '--json', results, ...shell, ...args],
  ];
  const failure = await run(join(folder, 'pipeline'), [checkout, file, ...all], { maxBuffer: 1 << 30 }).then(
    () => undefined,
    (error) => error as { code: number; stderr: string },
  );
  control.stop();
  // 1: not all jobs succeeded; if GitLab refuses the pipeline, nothing is written
  if (failure !== undefined && failure.code !== 1) throw failure;
  if (failure?.stderr.includes('GitLab refuses')) throw new Error(failure.stderr);
  const jobs = JSON.parse(readFileSync(results, 'utf8')) as JobResult[];
  return Object.fromEntries(
    jobs.map((job) => [job.name, { ...job, trace: stripVTControlCharacters(job.trace ?? '') }]),
  );
}

/** A copy of the templates, with an additional one. */
export function checkoutWith(name: string, template: string): string {
  const checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
  mkdirSync(join(checkout, 'templates'));
  cpSync(join(root, 'templates'), join(checkout, 'templates'), { recursive: true });
  writeFileSync(join(checkout, 'templates', `${name}.yml`), template);
  return checkout;
}
