import type { Migration } from '../change.ts';
import type { Note } from '../note.ts';
import type { Project } from '../project.ts';
import type { Obstacle } from '../recipe/obstacle.ts';
import type { Repository } from '../repository.ts';
import { clustersOf } from './cluster.ts';
import { type ComponentOptions, ComponentPlan } from './component-plan.ts';
import { leftNote, recipesOf } from './job-plan.ts';
import { staticKeys } from './static-keys.ts';

/** Replaces each recipe with a component that does the same, and reports why the others are left. */
export function migrateToComponent(
  project: Project,
  repository: Repository,
  options: ComponentOptions,
): Migration {
  const plan = new ComponentPlan(project, options);
  const visible = project.visibleJobs().flatMap((job) => recipesOf(job, project, repository));
  const seen = new Set(visible.flatMap(({ items }) => items.map(({ scalar }) => scalar.node)));
  const unused = project
    .hiddenJobs()
    .flatMap((job) => recipesOf(job, project, repository))
    .filter(({ items }) => !items.some(({ scalar }) => seen.has(scalar.node)));
  for (const cluster of clustersOf(visible)) plan.replace(cluster);
  const notes = unused.map((one) => leftNote(one, runByNobody));
  return {
    edits: plan.edits(),
    notes: [...staticKeys(project), ...plan.notes, ...distinct(notes)],
    changes: plan.changes,
  };
}

const runByNobody: Obstacle = {
  message: 'no job of this pipeline runs it',
  remedy: 'Remove it, or migrate the pipeline that includes it.',
};

/** Hidden jobs may share a text: report it once. */
function distinct(notes: readonly Note[]): readonly Note[] {
  return [...new Map(notes.map((one) => [`${one.file}:${one.offset}`, one])).values()];
}
