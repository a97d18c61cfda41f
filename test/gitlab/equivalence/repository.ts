import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMap, isScalar, isSeq, type Node, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import type { Rule } from './expansion.ts';

/** The paths of the files in a folder, sorted, without `case.json`. */
export function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => path !== 'case.json' && !path.startsWith('.git/'))
    .sort();
}

export const isYaml = (path: string) => /\.ya?ml$/.test(path);

/** Copies a repository. Files with a shebang become executable, even if they were not. */
export function copyRepository(from: string, to: string): void {
  for (const path of listFiles(from)) {
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(from, path), target);
    const isScript = readFileSync(target).subarray(0, 2).toString('latin1') === '#!';
    chmodSync(target, statSync(target).mode | (isScript ? 0o755 : 0o644));
  }
}

/** What the files for GitLab's code do not contain. */
export interface StagedPipeline {
  /** `workflow: rules` of a staged file and of its includes. */
  workflowRules(file: string): readonly Rule[];
  /** The file of each child pipeline, by the name of the project that replaces it. */
  readonly children: ReadonlyMap<string, string>;
}

/** The options for staging a repository's files. */
export interface StageOptions {
  /** Variables that the paths of includes may contain. */
  readonly variables: Readonly<Record<string, string>>;
  /** The texts of files of other projects, by `project:file` or by the URL of a remote file. */
  readonly others: Readonly<Record<string, string>>;
}

/**
 * Copies the YAML files of a repository to where GitLab's code finds them, in a form that it accepts:
 *
 * - `expand` reads only .yml files at most one folder deep, and no wildcards: other files are renamed
 * - it fails on child pipelines: they are replaced by projects that do not exist, and staged separately
 * - it does not support other projects and `secrets`
 */
export function stagePipeline(from: string, to: string, options: StageOptions): StagedPipeline {
  mkdirSync(to, { recursive: true });
  const stage = new Stage(listFiles(from).filter(isYaml), to, options);
  for (const path of stage.files) stage.write(stagedName(path), readFileSync(join(from, path), 'utf8'));
  return stage;
}

const stagedName = (path: string) =>
  /^([^/]+\/)?[^/]+\.yml$/.test(path)
    ? path
    : `staged.${path.replaceAll('/', '.').replace(/\.yaml$/, '')}.yml`;

class Stage implements StagedPipeline {
  readonly files: readonly string[];
  readonly children = new Map<string, string>();
  readonly #rules = new Map<string, readonly Rule[]>();
  readonly #includes = new Map<string, string[]>();
  readonly #folder: string;
  readonly #options: StageOptions;

  constructor(files: readonly string[], folder: string, options: StageOptions) {
    this.files = files;
    this.#folder = folder;
    this.#options = options;
  }

  workflowRules(file: string, above: readonly string[] = []): readonly Rule[] {
    if (above.includes(file)) return [];
    const included = (this.#includes.get(file) ?? []).flatMap((name) =>
      this.workflowRules(name, [...above, file]),
    );
    return this.#rules.get(file) ?? included;
  }

  write(name: string, text: string): void {
    const target = join(this.#folder, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, this.#rewritten(name, text));
  }

  #rewritten(name: string, text: string): string {
    const edits: { readonly start: number; readonly end: number; readonly value: string }[] = [];
    const replace = (from: Node, value: string, to = from) => {
      const [start, end] = [from.range?.[0] ?? 0, to.range?.[1] ?? 0];
      // a block ends with its line
      edits.push({ start, end: start + text.slice(start, end).trimEnd().length, value });
    };
    for (const document of parseAllDocuments(text, { logLevel: 'silent' })) {
      if (!('contents' in document) || !isMap(document.contents)) continue;
      const { contents } = document;
      this.#readWorkflow(name, contents);
      this.#includes.set(name, this.#stageIncludes(contents.get('include', true), replace));
      visit(contents, {
        Pair: (_, pair) => {
          const key = isScalar(pair.key) ? pair.key.value : undefined;
          if (key === 'trigger' && isMap(pair.value)) this.#stageTrigger(pair.value, replace);
          if (key === 'secrets' && isMap(pair.value)) replace(pair.key as Node, '', pair.value);
        },
      });
    }
    return edits
      .toSorted((one, other) => other.start - one.start)
      .reduce((result, { start, end, value }) => result.slice(0, start) + value + result.slice(end), text);
  }

  #readWorkflow(name: string, contents: YAMLMap): void {
    const workflow = contents.get('workflow');
    const rules = isMap(workflow) ? workflow.get('rules') : undefined;
    if (isSeq(rules)) this.#rules.set(name, rules.toJSON() as Rule[]);
  }

  /** @returns the names of the staged files that are included */
  #stageIncludes(include: unknown, replace: (node: Node, value: string) => void): string[] {
    const names: string[] = [];
    for (const item of isSeq(include) ? include.items : [include]) {
      if (isMap(item) && (item.has('project') || item.has('remote'))) {
        const other = this.#stageOther(item);
        names.push(other);
        replace(item, `{ local: ${JSON.stringify(`/${other}`)} }`);
        continue;
      }
      const scalar = isMap(item) ? item.get('local', true) : item;
      if (!isScalar(scalar) || typeof scalar.value !== 'string' || /^https?:/.test(scalar.value)) continue;
      const staged = this.#stagedPath(scalar.value);
      names.push(staged);
      if (`/${staged}` !== scalar.value) replace(scalar, JSON.stringify(`/${staged}`));
    }
    return names;
  }

  /** The staged file for the path of an include. */
  #stagedPath(path: string): string {
    const plain = path
      .replace(/\$\{?(\w+)\}?/g, (all, name: string) => this.#options.variables[name] ?? all)
      .replace(/^\/+/, '');
    return plain.includes('*') ? this.#stageWildcard(plain) : stagedName(plain);
  }

  /** A file that includes the files that match a wildcard. */
  #stageWildcard(pattern: string): string {
    const stars: Readonly<Record<string, string>> = { '**/': '(.+/)?', '**': '.+', '*': '[^/]*' };
    const expression = pattern.replace(
      /\*\*\/|\*\*?|[.+?^${}()|[\]\\]/g,
      (part) => stars[part] ?? `\\${part}`,
    );
    const matching = this.files.filter((path) => new RegExp(`^${expression}$`).test(path));
    return this.#writeIncluder(`wildcard.${pattern}`, matching.map(stagedName));
  }

  #writeIncluder(title: string, paths: readonly string[]): string {
    const name = `staged.${title.replace(/[^\w.]/g, '.')}.yml`;
    writeFileSync(
      join(this.#folder, name),
      JSON.stringify({ include: paths.map((path) => ({ local: `/${path}` })) }),
    );
    this.#includes.set(name, [...paths]);
    return name;
  }

  #stageOther(item: YAMLMap): string {
    const {
      project,
      remote,
      file = [],
    } = item.toJSON() as {
      project?: string;
      remote?: string;
      file?: string | string[];
    };
    const keys = remote === undefined ? [file].flat().map((one) => `${project}:${one}`) : [remote];
    const names = keys.map((key) => {
      const text = this.#options.others[key];
      const name = `staged.other.${key.replace(/[^\w.]/g, '.')}.yml`;
      if (text !== undefined) this.write(name, text);
      return name;
    });
    return this.#writeIncluder(`others.${keys.join('.')}`, names);
  }

  #stageTrigger(trigger: YAMLMap, replace: (node: Node, value: string) => void): void {
    const include = trigger.get('include', true);
    if (include === undefined || include === null) return;
    const paths = (isSeq(include) ? include.items : [include]).flatMap((item) => {
      const path = isMap(item) ? item.get('local') : isScalar(item) ? item.value : undefined;
      return typeof path === 'string' ? [this.#stagedPath(path)] : [];
    });
    const project = `staged/child-${this.children.size}`;
    // a generated file is not known
    this.children.set(
      project,
      paths.length === 0 ? '' : this.#writeIncluder(`child.${this.children.size}`, paths),
    );
    replace(trigger, project);
  }
}
