import { isCollection, isPair, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLSeq } from 'yaml';
import type { PipelineFile } from '../pipeline-file.ts';

/** What contains a script's text: a list, or a key. */
export type Holder = { readonly list: YAMLSeq<Node> } | { readonly pair: Pair<Node, Node> };

const known = new WeakMap<PipelineFile, ReadonlyMap<Scalar, Holder>>();

/** What contains each scalar of a file. */
export function holdersIn(file: PipelineFile): ReadonlyMap<Scalar, Holder> {
  const holders = known.get(file) ?? findHolders(file);
  known.set(file, holders);
  return holders;
}

function findHolders(file: PipelineFile): ReadonlyMap<Scalar, Holder> {
  const holders = new Map<Scalar, Holder>();
  const collect = (node: unknown): void => {
    if (isSeq<Node>(node))
      for (const item of node.items) if (isScalar(item)) holders.set(item, { list: node });
    if (isPair<Node, Node>(node) && isScalar(node.value)) holders.set(node.value, { pair: node });
    for (const child of isCollection(node) ? node.items : isPair(node) ? [node.value] : []) collect(child);
  };
  collect(file.root);
  return holders;
}
