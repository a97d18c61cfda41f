import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { keyText, type PipelineFile, resolveAlias } from './pipeline-file.ts';

/** A value, and the file it is written in. */
export interface Located<T = unknown> {
  readonly node: T;
  readonly file: PipelineFile;
}

/** A key of a mapping with its value, aliases and merge keys followed. */
export type Members = ReadonlyMap<string, Located>;

/** Keys at the top of a file that are no jobs: https://docs.gitlab.com/ci/yaml/#global-keywords */
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

/** Deprecated at the top, and then like those under `default`. */
const globalDefaults = ['image', 'services', 'cache', 'before_script', 'after_script'];

/** Mappings that GitLab merges key by key where a job extends another; all else is replaced. */
const mergedKeys = new Set(['variables', 'id_tokens', 'secrets']);

/** What a job has in the end: for a merged key every contribution, the strongest last. */
export type Effective = ReadonlyMap<string, readonly Located[]>;

/** The files of one pipeline, seen as GitLab sees them: later ones win over those they include. */
export class Project {
  readonly files: readonly PipelineFile[];
  readonly #entries = new Map<string, Located[]>();
  readonly #known = new Map<string, ReadonlyMap<string, readonly Located[]>>();
  #visible: readonly string[] | undefined;

  /** True where something is included that was not looked at. */
  readonly hasUnseen: boolean;
  /** Files that other pipelines include as well. */
  readonly shared: ReadonlySet<string>;

  /** @param files in the order of their strength: an included file before the one that includes it */
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

  /** Names of jobs that run, and of hidden ones. */
  jobNames(): readonly string[] {
    return [...this.#entries.keys()].filter((name) => !reserved.has(name) && this.mapping(name).length > 0);
  }

  /** Names of jobs that run. */
  visibleJobs(): readonly string[] {
    this.#visible ??= this.jobNames().filter((name) => !name.startsWith('.'));
    return this.#visible;
  }

  /** Names of jobs that others extend, or that nobody uses. */
  hiddenJobs(): readonly string[] {
    return this.jobNames().filter((name) => name.startsWith('.'));
  }

  /** Every place where a name at the top is a mapping. */
  mapping(name: string): readonly Located<YAMLMap>[] {
    return (this.#entries.get(name) ?? []).filter((one): one is Located<YAMLMap> => isMap(one.node));
  }

  /** The values of a key at the top, whatever they are. */
  top(name: string): readonly Located[] {
    return this.#entries.get(name) ?? [];
  }

  /** A job as GitLab makes it: defaults, then what it extends, then its own. */
  effective(name: string): Effective {
    const own = this.#extended(name, new Set());
    const inherits = own.get('inherit')?.at(-1);
    const defaults = this.#defaults(inherits);
    // id_tokens of default are replaced by a job's own, not merged
    return new Map([...defaults, ...own]);
  }

  /** The names of jobs that a job extends, near and far. */
  ancestors(name: string, seen = new Set<string>()): ReadonlySet<string> {
    for (const one of this.mapping(name)) {
      const extended = membersOf(one).get('extends');
      for (const parent of extended === undefined ? [] : textsOf(extended)) {
        if (seen.has(parent)) continue;
        seen.add(parent);
        this.ancestors(parent, seen);
      }
    }
    return seen;
  }

  /** What `!reference [job, key, …]` means; aliases followed. */
  reference(path: readonly string[]): readonly Located[] {
    const [first = '', ...rest] = path;
    let found: readonly Located[] = this.top(first).slice(-1);
    for (const key of rest) {
      found = found.flatMap((one) => {
        const member = isMap(one.node) ? membersOf(one as Located<YAMLMap>).get(key) : undefined;
        return member === undefined ? [] : [member];
      });
    }
    // a job may have the key from what it extends
    if (found.length === 0 && rest.length === 1)
      return this.#extended(first, new Set()).get(rest[0] ?? '') ?? [];
    return found;
  }

  #extended(name: string, seen: ReadonlySet<string>): Map<string, readonly Located[]> {
    const known = this.#known.get(name);
    if (known !== undefined) return new Map(known);
    const result = new Map<string, readonly Located[]>();
    // what goes round in a circle GitLab refuses; here it ends
    if (seen.has(name)) return result;
    for (const one of this.mapping(name)) {
      const members = membersOf(one);
      const extended = members.get('extends');
      for (const parent of extended === undefined ? [] : textsOf(extended)) {
        merge(result, this.#extended(parent, new Set([...seen, name])));
      }
      merge(result, new Map([...members].map(([key, value]) => [key, this.#resolved(key, value)])));
    }
    this.#known.set(name, result);
    return new Map(result);
  }

  /** A mapping that stands elsewhere: `id_tokens: !reference [.aws, id_tokens]`. */
  #resolved(key: string, value: Located): readonly Located[] {
    if (!mergedKeys.has(key) || !isSeq(value.node) || value.node.tag !== '!reference') return [value];
    const path = textsOf(value);
    return path.length === 2 && path[1] === key
      ? this.top(path[0] ?? '')
          .slice(-1)
          .flatMap((one) => {
            const member = isMap(one.node) ? membersOf(one as Located<YAMLMap>).get(key) : undefined;
            return member === undefined ? [value] : [member];
          })
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
    const choice =
      inherit && isMap(inherit.node) ? membersOf(inherit as Located<YAMLMap>).get('default') : undefined;
    if (choice === undefined) return result;
    if (isScalar(choice.node)) return choice.node.value === false ? new Map() : result;
    const kept = textsOf(choice);
    return new Map([...result].filter(([key]) => kept.includes(key)));
  }
}

function merge(
  into: Map<string, readonly Located[]>,
  members: ReadonlyMap<string, readonly Located[]>,
): void {
  for (const [key, values] of members) {
    into.set(key, mergedKeys.has(key) ? [...(into.get(key) ?? []), ...values] : values);
  }
}

/**
 * The keys of a mapping. GitLab's parser takes them in their order: what `<<` brings wins over what stands
 * before it, and of a list of mappings the first.
 */
export function membersOf({ node, file }: Located<YAMLMap>): Members {
  const members = new Map<string, Located>();
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const key = keyText(pair.key);
    const value = resolveAlias(pair.value, file);
    if (key === undefined) continue;
    if (key !== '<<') {
      members.set(key, { node: value, file });
      continue;
    }
    for (const one of (isSeq(value) ? value.items : [value]).toReversed()) {
      const target = resolveAlias(one, file);
      if (!isMap(target)) continue;
      for (const [name, member] of membersOf({ node: target, file })) members.set(name, member);
    }
  }
  return members;
}

/** A text, or the texts of a list. */
export function textsOf({ node, file }: Located): readonly string[] {
  const items = isSeq(node) ? node.items.map((item) => resolveAlias(item, file)) : [node];
  return items.flatMap((item) => (isScalar(item) && typeof item.value === 'string' ? [item.value] : []));
}

/** Every scalar value below a node, through aliases, merge keys and `!reference`. */
export function scalarsIn(
  located: Located,
  project: Project,
  seen = new Set<unknown>(),
): readonly Located<Scalar>[] {
  const node = resolveAlias(located.node, located.file);
  if (seen.has(node)) return [];
  seen.add(node);
  const { file } = located;
  if (isScalar(node)) return [{ node, file }];
  if (isSeq(node)) {
    if (node.tag === '!reference') {
      return project.reference(textsOf({ node, file })).flatMap((one) => scalarsIn(one, project, seen));
    }
    return node.items.flatMap((item) => scalarsIn({ node: item, file }, project, seen));
  }
  if (!isMap(node)) return [];
  return [...membersOf({ node, file }).values()].flatMap((one) => scalarsIn(one, project, seen));
}
