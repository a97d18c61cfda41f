import type { Node, Scalar, YAMLSeq } from 'yaml';
import type { ShellCommand } from '../../shell/script.ts';
import type { Edit } from '../edit.ts';
import type { PipelineFile } from '../pipeline-file.ts';
import type { Obstacle } from '../recipe/obstacle.ts';
import type { Cluster } from './cluster.ts';
import { aliasEdits, cutScript } from './script-edits.ts';
import { holdersIn } from './script-holder.ts';

/** Edits of several files. */
export type FileEdits = readonly (readonly [PipelineFile, Edit])[];

export const cannotBeCut: Obstacle = {
  message: 'it is written in a form that cannot be edited, for example on one line',
  remedy: 'Make each of its commands a separate list item.',
};

/** Removes the commands of recipes, and replaces the last one with an item. */
export function cutsOf(cluster: Cluster, item: string): FileEdits | Obstacle {
  const edits: [PipelineFile, Edit][] = [];
  const done = new Map<Scalar, string>();
  const emptied = new Map<YAMLSeq<Node>, number>();
  for (const { items, found } of cluster) {
    if ('message' in found) return found;
    const { steps, last } = found.recipe;
    const gone = new Set(steps.map(({ command }) => command));
    for (const one of items) {
      const { node, file } = one.scalar;
      const signature = signatureOf(one.commands ?? [], gone, last.command);
      const known = done.get(node);
      if (known !== undefined && known !== signature) return differs;
      if (known !== undefined) continue;
      done.set(node, signature);
      const holder = holdersIn(file).get(node);
      const put = last.item.scalar.node === node ? { item, behind: last.command } : undefined;
      const cut = holder === undefined ? undefined : cutScript(one, gone, put, holder);
      if (holder === undefined || cut === undefined) return cannotBeCut;
      if (cut.text === '' && 'list' in holder) {
        emptied.set(holder.list, (emptied.get(holder.list) ?? 0) + 1);
      }
      edits.push([file, cut]);
      for (const edit of aliasEdits(one, item)) edits.push([file, edit]);
    }
  }
  return [...emptied].some(([{ items }, count]) => items.length === count) ? emptiesList : edits;
}

const differs: Obstacle = {
  message: 'jobs that share its text need different parts of it',
  remedy: 'Give each of them its own copy of the recipe, then run this again.',
};

const emptiesList: Obstacle = {
  message: 'removing it would leave an empty list, which GitLab does not accept',
  remedy: 'Move the whole recipe to one list, then run this again.',
};

function signatureOf(
  commands: readonly ShellCommand[],
  gone: ReadonlySet<ShellCommand>,
  last: ShellCommand,
): string {
  return commands.map((one) => (one === last ? 'L' : gone.has(one) ? 'x' : '.')).join('');
}
