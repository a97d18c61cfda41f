import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Document, parseAllDocuments, Scalar, visit } from 'yaml';
import { root } from './run-program.ts';

/**
 * Reads pipelines as GitLab does, in the same order: YAML, then inputs in the parsed scalars, then includes,
 * then `extends`, then `!reference`. It supports only what the pipelines of this project use, and refuses
 * everything else.
 */

/** The declaration of an input in a template. */
export interface InputSpec {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: 'string' | 'number' | 'boolean' | 'array';
  readonly regex?: string;
  readonly options?: readonly string[];
}

export type Inputs = Readonly<Record<string, unknown>>;

/** The parts of a job that tests look at. */
export interface Job {
  readonly script?: readonly string[];
  readonly before_script?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
  readonly [keyword: string]: unknown;
}

export type Jobs = Readonly<Record<string, Job>>;

export interface Template {
  readonly text: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** The jobs that a pipeline gets, including hidden ones, with what they extend. */
  configure(inputs: Inputs): Jobs;
}

/** `!reference [job, key]`, not yet resolved. */
class Reference {
  readonly path: readonly string[];
  constructor(path: readonly string[]) {
    this.path = path;
  }
}

export function readTemplate(name: string): Template {
  return parseTemplate(readFileSync(join(root, 'templates', `${name}.yml`), 'utf8'));
}

/** @throws {Error} if GitLab refuses the text, or would read it differently from its author */
export function parseTemplate(text: string): Template {
  const documents = parseYaml(text);
  const [header, configuration] = documents;
  if (documents.length !== 2) throw new Error(`a template has two documents, not ${documents.length}`);
  const { inputs } = (header as { spec: { inputs: Record<string, InputSpec> } }).spec;
  return { text, inputs, configure: (given) => asJobs(fill(configuration, valuesOf(inputs, given))) };
}

/** Variables are strings, whatever the type of the input. */
function asJobs(filledIn: unknown): Jobs {
  const all = filledIn as Jobs;
  const jobs = Object.entries(all).map(([name, written]) => {
    const job = name.startsWith('.') ? (withBases(all, name) as Job) : written;
    if (job.variables === undefined) return [name, job] as const;
    const variables = Object.entries(job.variables).map(([key, value]) => [key, String(value)] as const);
    return [name, { ...job, variables: Object.fromEntries(variables) }] as const;
  });
  return Object.fromEntries(jobs);
}

/**
 * The jobs of a pipeline, without the hidden ones, as GitLab would keep them.
 *
 * @throws {Error} if GitLab refuses the pipeline
 */
export function readPipeline(text: string): Jobs {
  const documents = parseYaml(text);
  if (documents.length !== 1) throw new Error(`a pipeline has one document, not ${documents.length}`);
  const { include, ...own } = documents[0] as Record<string, unknown>;
  let all: Record<string, unknown> = {};
  for (const entry of [include ?? []].flat()) all = merged(all, included(entry)) as typeof all;
  all = merged(all, own) as typeof all;
  const names = Object.keys(all).filter((name) => !globalKeywords.includes(name));
  const extended = Object.fromEntries(names.map((name) => [name, withBases(all, name)]));
  const jobs = Object.fromEntries(names.map((name) => [name, resolved(extended[name], extended)])) as Jobs;
  const visible = Object.fromEntries(Object.entries(jobs).filter(([name]) => !name.startsWith('.')));
  for (const [name, job] of Object.entries(visible)) check(name, job, visible);
  return visible;
}

const globalKeywords = ['default', 'stages', 'variables', 'workflow'];

/** https://docs.gitlab.com/ci/yaml/#includecomponent */
function included(entry: unknown): Jobs {
  const { component, inputs = {} } = entry as { component?: string; inputs?: Inputs };
  const [, name] = /^\$CI_SERVER_FQDN\/[\w./$-]+\/([\w-]+)@[\w.$]+$/.exec(component ?? '') ?? [];
  if (name === undefined) throw new Error(`not read: include ${JSON.stringify(entry)}`);
  return readTemplate(name).configure(inputs);
}

/** GitLab's parser implements YAML 1.1, most others 1.2: a text must mean the same in both. */
function parseYaml(text: string): readonly unknown[] {
  const [one, two] = (['1.1', '1.2'] as const).map((version) =>
    // the merge key is the same in both
    parseAllDocuments(text, { version, merge: true }).map((document) =>
      documentValue(document as Document.Parsed),
    ),
  );
  if (!isDeepStrictEqual(one, two)) throw new Error('YAML 1.1 reads something else than YAML 1.2');
  return one ?? [];
}

function documentValue(document: Document.Parsed): unknown {
  const [problem] = document.errors;
  if (problem) throw problem;
  visit(document, {
    Collection(_, node) {
      if (node.tag === undefined || node.tag.startsWith('tag:yaml.org,2002:')) return;
      if (node.tag !== '!reference') throw new Error(`not read: the tag ${node.tag}`);
      const path = node.toJS(document) as string[];
      if (path.some((part) => part.includes('$[[')))
        throw new Error('an input inside a tag is never filled in');
      return new Scalar(new Reference(path));
    },
  });
  return document.toJS();
}

/** @throws {Error} if an input is missing or unknown, or does not accept its value */
function valuesOf(specs: Template['inputs'], given: Inputs): Inputs {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(specs, name)) throw new Error(`unknown input ${name}`);
  const values = Object.entries(specs).map(([name, spec]) => {
    const value = given[name] ?? spec.default;
    if (value === undefined) throw new Error(`${name} has no value`);
    if (typeOf(value) !== (spec.type ?? 'string'))
      throw new Error(`${name} is not a ${spec.type ?? 'string'}`);
    if (spec.regex !== undefined && !new RegExp(spec.regex).test(value as string))
      throw new Error(`${name} does not match`);
    if (spec.options !== undefined && !spec.options.includes(value as string))
      throw new Error(`${name} is not one of its options`);
    return [name, value];
  });
  return Object.fromEntries(values);
}

const typeOf = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value);

/** Inputs are inserted into parsed keys and scalars, so they cannot change the structure of the YAML. */
function fill(value: unknown, inputs: Inputs): unknown {
  if (typeof value === 'string') return filled(value, inputs);
  if (Array.isArray(value)) return value.map((item) => fill(item, inputs));
  if (value === null || typeof value !== 'object' || value instanceof Reference) return value;
  // of equal keys, the last one counts
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [String(filled(key, inputs)), fill(item, inputs)]),
  );
}

const block = /\$\[\[\s*inputs\.(\w+)\s*\]\]/g;

/** A scalar that is just an input becomes the value itself; inside a longer scalar, the value becomes text. */
function filled(text: string, inputs: Inputs): unknown {
  const valueFor = (name = '') => {
    if (!Object.hasOwn(inputs, name)) throw new Error(`unknown input ${name}`);
    return inputs[name];
  };
  const [whole] = text.matchAll(new RegExp(`^${block.source}$`, 'g'));
  if (whole) return valueFor(whole[1]);
  return text.replace(block, (_, name: string) => {
    const value = valueFor(name);
    return Array.isArray(value) ? rubyText(value) : String(value);
  });
}

/** Ruby's to_s of an array; only arrays of strings are supported. */
function rubyText(items: readonly unknown[]): string {
  const texts = items.map((item) => {
    if (typeof item !== 'string') throw new Error('only a list of texts has a text');
    return JSON.stringify(item).replace(/#(?=[{$@])/g, '\\#');
  });
  return `[${texts.join(', ')}]`;
}

/** https://docs.gitlab.com/ci/yaml/yaml_optimization/#merge-details: mappings are merged, everything else is replaced. */
function merged(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  const valueFor = (key: string) =>
    Object.hasOwn(over, key) && Object.hasOwn(base, key)
      ? merged(base[key], over[key])
      : (over[key] ?? base[key]);
  return Object.fromEntries([...keys].map((key) => [key, valueFor(key)]));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Reference)
  );
}

function withBases(all: Readonly<Record<string, unknown>>, name: string): unknown {
  const job = all[name];
  if (!isMapping(job)) throw new Error(`${name} is no job`);
  const { extends: bases = [], ...own } = job;
  let result: unknown = {};
  for (const base of [bases as string | string[]].flat()) {
    if (!Object.hasOwn(all, base)) throw new Error(`${name} extends ${base}, which is not there`);
    result = merged(result, withBases(all, base));
  }
  return merged(result, own);
}

function resolved(value: unknown, jobs: Readonly<Record<string, unknown>>): unknown {
  if (value instanceof Reference) {
    const found = value.path.reduce<unknown>((from, key) => (isMapping(from) ? from[key] : undefined), jobs);
    if (found === undefined) throw new Error(`!reference [${value.path.join(', ')}] could not be found`);
    return resolved(found, jobs);
  }
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      item instanceof Reference ? resolved(item, jobs) : [resolved(item, jobs)],
    );
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, jobs)]));
}

function check(name: string, job: Job, jobs: Jobs): void {
  if (!Array.isArray(job.script) && typeof job.script !== 'string') throw new Error(`${name} has no script`);
  if (job.rules !== undefined && (!Array.isArray(job.rules) || job.rules.length === 0))
    throw new Error(`${name} has no list of rules`);
  for (const need of [job.needs ?? []].flat() as (string | { job: string })[]) {
    const needed = typeof need === 'string' ? need : need.job;
    if (!Object.hasOwn(jobs, needed)) throw new Error(`${name} needs ${needed}, which is not there`);
  }
}
