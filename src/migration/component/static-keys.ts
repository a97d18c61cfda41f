import type { Node, Pair, Scalar } from 'yaml';
import { isMapping, memberOf } from '../located.ts';
import type { Note } from '../note.ts';
import { keyText } from '../pipeline-file.ts';
import type { Project } from '../project.ts';
import { mentionsLegacy } from '../tokens/legacy-variable.ts';

/** Reports access keys in `variables`, which only a person can remove. */
export function staticKeys(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  const variables = [
    ...project.mapping('variables'),
    ...project
      .jobNames()
      .flatMap((name) => project.mapping(name).flatMap((job) => memberOf(job, 'variables') ?? [])),
  ];
  for (const { node, file } of variables.filter(isMapping)) {
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = keyText(pair.key) ?? '';
      if (!/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)$/.test(key)) continue;
      if (mentionsLegacy(String((pair.value as Scalar | null)?.value))) continue;
      notes.set(pair, {
        kind: 'advice',
        file: file.path,
        offset: pair.key.range?.[0] ?? 0,
        message: `${key} is a static key in the pipeline`,
        remedy: 'Once the job has a role, remove the key and deactivate it in IAM.',
      });
    }
  }
  return [...notes.values()];
}
