import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../support/run-program.ts';

/** A pipeline as `expand` prints it, as far as it matters here; see test/gitlab/rig.ts. */
export interface Expansion {
  readonly valid: boolean;
  readonly errors: readonly string[];
  readonly variables: readonly Variable[];
  readonly jobs: readonly ExpandedJob[];
}

interface Variable {
  readonly key: string;
  readonly value: string;
  readonly raw?: boolean;
}

interface ExpandedJob {
  readonly name: string;
  readonly stage_idx: number;
  readonly when: string;
  readonly included?: boolean;
  readonly job_variables: readonly Variable[];
  /** Which of the pipeline's variables the job inherits. */
  readonly root_variables_inheritance: boolean | readonly string[];
  readonly rules?: readonly {
    readonly if?: string;
    readonly variables?: Readonly<Record<string, unknown>>;
  }[];
  readonly only?: { readonly refs?: readonly string[] };
  readonly except?: { readonly refs?: readonly string[] };
  readonly scheduling_type?: string;
  readonly needs_attributes?: readonly { readonly name: string; readonly optional?: boolean }[];
  readonly id_tokens?: Readonly<Record<string, { readonly aud: string | readonly string[] }>>;
  readonly environment?: string;
  readonly options: {
    readonly before_script?: readonly string[];
    readonly hooks?: { readonly pre_get_sources_script?: readonly string[] };
    readonly artifacts?: { readonly paths?: readonly string[] };
    readonly trigger?: { readonly project?: string };
  };
}

/** The settings for expanding the jobs of a pipeline. */
export interface ExpansionSettings {
  readonly variables: Readonly<Record<string, string>>;
  readonly ref: string;
  /** Variables of every job, unless the job or the pipeline overrides them. */
  readonly predefined: Readonly<Record<string, string>>;
  /** `workflow: rules` of the pipeline, as they are written. */
  readonly workflowRules: readonly Rule[];
}

/** A rule, as it is written. */
export interface Rule {
  readonly if?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A pipeline after the steps that GitLab's server does and `pipeline` does not. */
export interface PreparedPipeline {
  readonly errors: readonly string[];
  /** What `expand` would print. */
  readonly config: object;
  /** Artifacts of all jobs. */
  readonly artifacts: readonly string[];
  /** Jobs that start other pipelines, with the variables for these. */
  readonly triggers: readonly {
    readonly name: string;
    readonly project: string;
    readonly variables: Readonly<Record<string, string>>;
  }[];
}

const run = promisify(execFile);

/**
 * Expands a pipeline with GitLab's code, and does what the server would do with it: rules and their settings, `only`
 * and `except` for refs, variables in variables and in audiences, the order that `needs` requires. Manual jobs are
 * started; jobs with `when: on_failure` are left out.
 *
 * @param file the pipeline; what it includes is beside it
 * @param folder where files may be written
 */
export async function preparePipeline(
  file: string,
  folder: string,
  settings: ExpansionSettings,
): Promise<PreparedPipeline> {
  const workflow = await workflowVariables(folder, settings);
  const known = { ...settings.variables, ...workflow };
  const expansion = await expand(file, settings.ref, known);
  const errors = expansion.errors.filter((error) => !/job, which is not in this pipeline$/.test(error));
  if (errors.length > 0) return { errors, config: {}, artifacts: [], triggers: [] };
  const present = expansion.jobs.filter((job) => isPresent(job, settings));
  const set = await ruleVariables(folder, settings.ref, known, expansion, present);
  const jobs = present.map((job) =>
    prepareJob(job, expansion, { ...settings, workflow }, set.get(job.name) ?? {}),
  );
  const own = jobs.filter(({ options }) => options.trigger === undefined);
  return {
    errors: missingNeeds(present),
    config: [{ valid: true, errors: [], variables: [], jobs: inOrder(own) }],
    artifacts: jobs.flatMap(({ artifactPaths }) => artifactPaths),
    triggers: jobs.flatMap(({ name, options, values }) =>
      options.trigger?.project === undefined
        ? []
        : [{ name, project: options.trigger.project, variables: withoutTokens(values) }],
    ),
  };
}

/** A job that starts another pipeline gets no token. */
const withoutTokens = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      value.replace(/\$(CI_JOB_JWT(_V[12])?\b|\{CI_JOB_JWT(_V[12])?\})/g, ''),
    ]),
  );

async function expand(
  file: string,
  ref: string,
  variables: Readonly<Record<string, string>>,
): Promise<Expansion> {
  const result = await run(join(process.env.AWS_OIDC_GITLAB ?? '', 'expand'), [root, file], {
    env: { ...process.env, REF: ref, VARIABLES: JSON.stringify(variables) },
    maxBuffer: 1 << 28,
  }).catch((error) => error as { stdout: string; stderr: string });
  if (!result.stdout.startsWith('[')) throw new Error(`expand failed: ${result.stderr.slice(0, 500)}`);
  return (JSON.parse(result.stdout) as [Expansion])[0];
}

/** Evaluates conditions with GitLab's own code, in a pipeline with one job for each condition. */
async function evaluate(
  folder: string,
  ref: string,
  variables: Readonly<Record<string, string>>,
  conditions: readonly { readonly if?: string; readonly among: Readonly<Record<string, string>> }[],
): Promise<readonly boolean[]> {
  if (conditions.length === 0) return [];
  const jobs = conditions.map(({ if: condition, among }, index) => {
    const rules = condition === undefined ? [{ when: 'always' }] : [{ if: condition }];
    return [`condition ${index}`, { script: 'true', variables: among, rules }];
  });
  const file = join(folder, 'conditions.yml');
  writeFileSync(file, JSON.stringify(Object.fromEntries(jobs)));
  const { jobs: answers } = await expand(file, ref, variables);
  return conditions.map(
    (_, index) => answers.find(({ name }) => name === `condition ${index}`)?.included ?? false,
  );
}

async function workflowVariables(
  folder: string,
  { variables, ref, workflowRules }: ExpansionSettings,
): Promise<Readonly<Record<string, string>>> {
  if (!workflowRules.some((rule) => rule.variables !== undefined)) return {};
  const conditions = workflowRules.map((rule) => ({
    ...(rule.if !== undefined && { if: rule.if }),
    among: {},
  }));
  const holds = await evaluate(folder, ref, variables, conditions);
  return texts(workflowRules[holds.indexOf(true)]?.variables);
}

/** The variables of the rules that added each job, by job name. */
async function ruleVariables(
  folder: string,
  ref: string,
  known: Readonly<Record<string, string>>,
  { variables }: Expansion,
  jobs: readonly ExpandedJob[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const all = jobs
    .filter(({ rules = [] }) => rules.some((rule) => rule.variables !== undefined))
    .flatMap((job) => (job.rules ?? []).map((rule) => ({ job, rule })));
  const conditions = all.map(({ job, rule }) => ({
    ...(rule.if !== undefined && { if: rule.if }),
    among: texts(toObject([...variables, ...job.job_variables])),
  }));
  const holds = await evaluate(folder, ref, known, conditions);
  const found = new Map<string, Readonly<Record<string, string>>>();
  all.forEach(({ job, rule }, index) => {
    if (holds[index] && !found.has(job.name)) found.set(job.name, texts(rule.variables));
  });
  return found;
}

const toObject = (variables: readonly Variable[]) =>
  Object.fromEntries(variables.map(({ key, value }) => [key, value]));

const texts = (values: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      String(typeof value === 'object' && value !== null && 'value' in value ? value.value : value),
    ]),
  );

function isPresent(job: ExpandedJob, { ref, workflowRules }: ExpansionSettings): boolean {
  if (job.when === 'on_failure' || job.when === 'never') return false;
  if (job.rules !== undefined) return job.included ?? true;
  const kind = ref.startsWith('tag:')
    ? 'tags'
    : ref.startsWith('merge_request:')
      ? 'merge_requests'
      : 'branches';
  const name = ref.slice(ref.indexOf(':') + 1);
  const matches = (pattern: string) => {
    const expression = /^\/(.*)\/(i?)$/.exec(pattern);
    if (expression) return new RegExp(expression[1] ?? '', expression[2]).test(name);
    return pattern === kind || pattern === name || (pattern === 'pushes' && kind !== 'merge_requests');
  };
  // GitLab's default, unless workflow rules say otherwise
  const refs = job.only?.refs ?? (workflowRules.length > 0 ? [kind] : ['branches', 'tags']);
  const wanted = refs.length === 0 || refs.some(matches);
  return wanted && !(job.except?.refs ?? []).some(matches);
}

function missingNeeds(jobs: readonly ExpandedJob[]): readonly string[] {
  const there = new Set(jobs.map(({ name }) => name));
  return jobs.flatMap(({ name, needs_attributes = [] }) =>
    needs_attributes
      .filter((need) => !need.optional && !there.has(need.name))
      .map((need) => `'${name}' job needs '${need.name}' job, which is not in this pipeline`),
  );
}

function prepareJob(
  job: ExpandedJob,
  { variables }: Expansion,
  settings: ExpansionSettings & { readonly workflow: Readonly<Record<string, string>> },
  byRule: Readonly<Record<string, string>>,
) {
  const { root_variables_inheritance: inherits } = job;
  const inherited = variables.filter(({ key }) =>
    typeof inherits === 'boolean' ? inherits : inherits.includes(key),
  );
  const environment = job.environment === undefined ? [] : environmentVariables(job.environment);
  const byWorkflow = Object.entries(settings.workflow).map(([key, value]): Variable => ({ key, value }));
  const own = new Map(
    [...inherited, ...byWorkflow, ...job.job_variables, ...environment].map((one) => [one.key, one]),
  );
  for (const [key, value] of Object.entries(byRule)) own.set(key, { key, value });
  const resolve = resolver({ ...toObject([...own.values()]), ...settings.variables });
  // `pipeline` does not support raw variables: the runner would treat $ as the start of a name
  const job_variables = [...own.values()].map(({ key, value, raw }) => ({
    key,
    value: raw ? value.replaceAll('$', '$$$$') : resolve(value),
  }));
  const predefined = Object.entries(settings.predefined)
    .filter(([key]) => !own.has(key) && job.id_tokens?.[key] === undefined)
    .map(([key, value]) => ({ key, value }));
  const hook = job.options.hooks?.pre_get_sources_script ?? [];
  const before = [
    ...(hook.length > 0 ? [`(\n${hook.join('\n')}\n)`] : []),
    ...(job.options.before_script ?? []),
  ];
  const audience = (aud: string | readonly string[]) =>
    typeof aud === 'string' ? resolve(aud) : aud.map(resolve);
  return {
    ...job,
    when: 'on_success',
    included: true,
    root_variables_inheritance: false,
    job_variables: [...predefined, ...job_variables],
    ...(job.scheduling_type === 'dag' && { needs_attributes: job.needs_attributes ?? [] }),
    ...(job.id_tokens && {
      id_tokens: Object.fromEntries(
        Object.entries(job.id_tokens).map(([name, { aud }]) => [name, { aud: audience(aud) }]),
      ),
    }),
    options: { ...job.options, ...(before.length > 0 && { before_script: before }) },
    artifactPaths: (job.options.artifacts?.paths ?? []).map((path) =>
      resolve(path).replace(/^(\$CI_PROJECT_DIR|\$\{CI_PROJECT_DIR\})?\/+/, ''),
    ),
    values: toObject(job_variables),
  };
}

function environmentVariables(name: string): readonly Variable[] {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24);
  return [
    { key: 'CI_ENVIRONMENT_NAME', value: name },
    { key: 'CI_ENVIRONMENT_SLUG', value: slug },
  ];
}

/** Replaces variables by their values, recursively; unknown variables are left for the runner. */
function resolver(values: Readonly<Record<string, string>>): (text: string) => string {
  const resolve = (text: string, within: readonly string[]): string =>
    text.replace(/\$\$|\$(?:\{(\w+)\}|(\w+))/g, (all, braced?: string, plain?: string) => {
      const name = braced ?? plain;
      if (name === undefined || within.includes(name) || !Object.hasOwn(values, name)) return all;
      return resolve(values[name] ?? '', [...within, name]);
    });
  return (text) => resolve(text, []);
}

/** The variables of the settings, with variables in them replaced by their values. */
export function resolved(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const resolve = resolver(variables);
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, resolve(value)]));
}

/** The jobs in the order of their stages, but each after the jobs that it needs. */
function inOrder<T extends ExpandedJob>(jobs: readonly T[]): readonly T[] {
  const sorted: T[] = [];
  const add = (job: T) => {
    if (sorted.includes(job)) return;
    for (const { name } of job.needs_attributes ?? []) {
      const needed = jobs.find((one) => one.name === name);
      if (needed !== undefined) add(needed);
    }
    sorted.push(job);
  };
  for (const job of jobs.toSorted((one, other) => one.stage_idx - other.stage_idx)) add(job);
  return sorted.map((job, index) => ({ ...job, stage_idx: index }));
}
