import { isMap, isScalar, isSeq, type Scalar } from 'yaml';
import { type Located, membersOf, textsOf } from './located.ts';
import { resolveAlias } from './pipeline-file.ts';
import type { Project } from './project.ts';

/** Every scalar below a node; aliases, merge keys and `!reference` are followed. */
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
