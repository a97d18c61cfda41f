import { isMap, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { Located } from '../located.ts';
import { keyText, resolveAlias } from '../pipeline-file.ts';

/** A mapping and those that it merges, except where its own tokens hide theirs. */
export function mergeChain({ node, file }: Located<YAMLMap>, seen = new Set<YAMLMap>()): readonly YAMLMap[] {
  if (seen.has(node)) return [];
  seen.add(node);
  const hides = (node.items as Pair[]).some(({ key }) => keyText(key) === 'id_tokens');
  const merged = hides ? [] : mergedMappings({ node, file });
  return [node, ...merged.flatMap((one) => mergeChain(one, seen))];
}

function mergedMappings({ node, file }: Located<YAMLMap>): readonly Located<YAMLMap>[] {
  return (node.items as Pair[])
    .filter(({ key }) => keyText(key) === '<<')
    .flatMap(({ value }) => (isSeq(value) ? value.items : [value]))
    .map((value) => resolveAlias(value, file))
    .flatMap((target) => (isMap(target) ? [{ node: target, file }] : []));
}
