import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { keyText, type PipelineFile, resolveAlias } from './pipeline-file.ts';

/** A value, and the file that contains it. */
export interface Located<T = unknown> {
  readonly node: T;
  readonly file: PipelineFile;
}

/** The keys of a mapping with their values; aliases and merge keys are resolved. */
export type Members = ReadonlyMap<string, Located>;

export function isMapping(located: Located): located is Located<YAMLMap> {
  return isMap(located.node);
}

/** The value of a key; undefined if the value has no such key, or is no mapping. */
export function memberOf(located: Located | undefined, key: string): Located | undefined {
  return located !== undefined && isMapping(located) ? membersOf(located).get(key) : undefined;
}

/**
 * The keys of a mapping. GitLab's parser reads them in order: a key from `<<` overrides the same key before
 * it, and in a list of mappings the first one wins.
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
