import { type Alias, type Document, isAlias, type Node, visit } from 'yaml';

const known = new WeakMap<Document, ReadonlyMap<Node, Node>>();

/**
 * The node that an alias of a YAML document refers to: the last one before it that has its anchor. The library's
 * own function walks the whole document for each alias.
 */
export function targetOf(alias: Alias, document: Document): Node | undefined {
  const targets = known.get(document) ?? targetsOf(document);
  known.set(document, targets);
  return targets.get(alias);
}

function targetsOf(document: Document): ReadonlyMap<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
