import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from './run-program.ts';

/** What a template declares of one input. */
export interface InputSpec {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly regex?: string;
  readonly options?: readonly string[];
}

export interface Template {
  readonly text: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** The configuration as GitLab makes it: inputs put into the text, then YAML. */
  configure(inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, Job>>;
}

/** The parts of a job that tests look at. */
export interface Job {
  readonly script?: readonly unknown[];
  readonly before_script?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly [keyword: string]: unknown;
}

const yaml = {
  customTags: [{ tag: '!reference', collection: 'seq' as const }],
  // GitLab's parser lets the last of equal keys count
  uniqueKeys: false,
};

export function readTemplate(name: string): Template {
  const text = readFileSync(join(root, 'templates', `${name}.yml`), 'utf8');
  const cut = text.indexOf('\n---\n') + 1;
  const { inputs } = parse(text.slice(0, cut)).spec as { inputs: Record<string, InputSpec> };
  return {
    text,
    inputs,
    configure: (given) => parse(interpolate(text.slice(cut), inputs, given), yaml),
  };
}

/**
 * https://docs.gitlab.com/ci/inputs/: a string goes in as it is, every other type as JSON.
 *
 * @throws {Error} where GitLab refuses the value
 */
function interpolate(
  text: string,
  specs: Readonly<Record<string, InputSpec>>,
  given: Readonly<Record<string, unknown>>,
): string {
  return text.replace(/\$\[\[\s*inputs\.(\w+)\s*\]\]/g, (_, name: string) => {
    const spec = specs[name];
    const value = given[name] ?? spec?.default;
    if (spec === undefined || value === undefined) throw new Error(`no value for the input ${name}`);
    if (typeof value !== 'string') return JSON.stringify(value);
    if (spec.regex !== undefined && !new RegExp(spec.regex).test(value))
      throw new Error(`${name} does not match`);
    return value;
  });
}
