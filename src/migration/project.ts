import { isScalar, isSeq, type YAMLMap } from 'yaml';
import { isMapping, type Located, memberOf, membersOf, textsOf } from './located.ts';
import type { PipelineFile } from './pipeline-file.ts';

/** Top-level keys that are not jobs: https://docs.gitlab.com/ci/yaml/#global-keywords */
const reserved = new Set([
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
  'spec',
]);

/** Deprecated top-level keys that work like those under `default`. */
const globalDefaults = ['image', 'services', 'cache', 'before_script', 'after_script'];

/** Mappings that GitLab merges key by key when a job extends another; every other value is replaced. */
const mergedKeys = new Set(['variables', 'id_tokens', 'secrets']);

/** The resolved keys of a job; for a merged key every contribution, in order of precedence, the highest last. */
export type Effective = ReadonlyMap<string, readonly Located[]>;

/** The files of one pipeline, combined as GitLab does it: a file overrides the files that it includes. */
export class Project {
  readonly files: readonly PipelineFile[];
  readonly #entries = new Map<string, Located[]>();
  readonly #known = new Map<string, ReadonlyMap<string, readonly Located[]>>();
  #visible: readonly string[] | undefined;

  /** True if the pipeline includes something that was not read. */
  readonly hasUnseen: boolean;
  /** Paths of files that other pipelines include too. */
  readonly shared: ReadonlySet<string>;

  /** @param files in order of precedence: an included file before the file that includes it */
  constructor(
    files: readonly PipelineFile[],
    { hasUnseen = false, shared = new Set() }: { hasUnseen?: boolean; shared?: ReadonlySet<string> } = {},
  ) {
    this.files = files;
    this.hasUnseen = hasUnseen;
    this.shared = shared;
    for (const file of files) {
      for (const [name, value] of membersOf({ node: file.root, file })) {
        this.#entries.set(name, [...(this.#entries.get(name) ?? []), value]);
      }
    }
  }

  /** Names of all jobs, hidden ones included. */
  jobNames(): readonly string[] {
    return [...this.#entries.keys()].filter((name) => !reserved.has(name) && this.mapping(name).length > 0);
  }

  /** Names of jobs that run. */
  visibleJobs(): readonly string[] {
    this.#visible ??= this.jobNames().filter((name) => !name.startsWith('.'));
    return this.#visible;
  }

  /** Names of hidden jobs, used or not. */
  hiddenJobs(): readonly string[] {
    return this.jobNames().filter((name) => name.startsWith('.'));
  }

  /** The mappings that a top-level name has in the files. */
  mapping(name: string): readonly Located<YAMLMap>[] {
    return (this.#entries.get(name) ?? []).filter(isMapping);
  }

  /** The values of a top-level key, of any type. */
  top(name: string): readonly Located[] {
    return this.#entries.get(name) ?? [];
  }

  /** A job as GitLab resolves it: defaults, then the jobs that it extends, then its own keys. */
  effective(name: string): Effective {
    const own = this.#extended(name, new Set());
    const inherits = own.get('inherit')?.at(-1);
    const defaults = this.#defaults(inherits);
    // a job's own id_tokens replace those of default; they are not merged
    return new Map([...defaults, ...own]);
  }

  /** The names of the jobs that a job extends, directly or not. */
  ancestors(name: string, seen = new Set<string>()): ReadonlySet<string> {
    for (const one of this.mapping(name)) {
      for (const parent of parentsOf(one)) {
        if (seen.has(parent)) continue;
        seen.add(parent);
        this.ancestors(parent, seen);
      }
    }
    return seen;
  }

  /** The target of `!reference [job, key, …]`; aliases are resolved. */
  reference(path: readonly string[]): readonly Located[] {
    const [first = '', ...rest] = path;
    let found: readonly Located[] = this.top(first).slice(-1);
    for (const key of rest) found = found.flatMap((one) => memberOf(one, key) ?? []);
    // a job may inherit the key from a job that it extends
    if (found.length === 0 && rest.length === 1)
      return this.#extended(first, new Set()).get(rest[0] ?? '') ?? [];
    return found;
  }

  #extended(name: string, seen: ReadonlySet<string>): Map<string, readonly Located[]> {
    const known = this.#known.get(name);
    if (known !== undefined) return new Map(known);
    const result = new Map<string, readonly Located[]>();
    // GitLab rejects circular extends; stop here
    if (seen.has(name)) return result;
    for (const one of this.mapping(name)) {
      const members = membersOf(one);
      for (const parent of parentsOf(one)) {
        merge(result, this.#extended(parent, new Set([...seen, name])));
      }
      merge(result, new Map([...members].map(([key, value]) => [key, this.#resolved(key, value)])));
    }
    this.#known.set(name, result);
    return new Map(result);
  }

  /** A mapping from another job: `id_tokens: !reference [.aws, id_tokens]`. */
  #resolved(key: string, value: Located): readonly Located[] {
    if (!mergedKeys.has(key) || !isSeq(value.node) || value.node.tag !== '!reference') return [value];
    const path = textsOf(value);
    return path.length === 2 && path[1] === key
      ? this.top(path[0] ?? '')
          .slice(-1)
          .flatMap((one) => memberOf(one, key) ?? value)
      : [value];
  }

  #defaults(inherit: Located | undefined): Map<string, readonly Located[]> {
    const result = new Map<string, readonly Located[]>();
    for (const key of globalDefaults) {
      const value = this.top(key).at(-1);
      if (value !== undefined) result.set(key, [value]);
    }
    for (const one of this.mapping('default')) {
      for (const [key, value] of membersOf(one)) result.set(key, [value]);
    }
    const choice = memberOf(inherit, 'default');
    if (choice === undefined) return result;
    if (isScalar(choice.node)) return choice.node.value === false ? new Map() : result;
    const kept = textsOf(choice);
    return new Map([...result].filter(([key]) => kept.includes(key)));
  }
}

/** The names in `extends`. */
function parentsOf(job: Located<YAMLMap>): readonly string[] {
  const extended = memberOf(job, 'extends');
  return extended === undefined ? [] : textsOf(extended);
}

function merge(
  into: Map<string, readonly Located[]>,
  members: ReadonlyMap<string, readonly Located[]>,
): void {
  for (const [key, values] of members) {
    into.set(key, mergedKeys.has(key) ? [...(into.get(key) ?? []), ...values] : values);
  }
}
