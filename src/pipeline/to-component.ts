import type { Node, Pair, Scalar, YAMLMap } from 'yaml';
import { type ComponentInclude, includeEdit } from './component-include.ts';
import { note, planFor } from './component-plan.ts';
import type { Edit } from './edit.ts';
import { findRecipes } from './found-recipe.ts';
import { mentionsLegacy } from './legacy-variable.ts';
import type { Change, Migration } from './migration.ts';
import type { Note } from './note.ts';
import { keyText, type PipelineFile } from './pipeline-file.ts';
import { type Located, membersOf, type Project } from './project.ts';
import { extendJob, replaceItems } from './recipe-edits.ts';

export interface ComponentOptions {
  /** What is written before the name of a component. */
  readonly component: string;
  readonly version: string;
}

/** Puts a component in the place of each recipe that is understood whole; says of the others why not. */
export function migrateToComponent(project: Project, options: ComponentOptions): Migration {
  const edits = new Map<PipelineFile, Edit[]>();
  const changes: Change[] = [];
  const notes: Note[] = [...staticKeys(project)];
  const includes: ComponentInclude[] = [];
  const extended = new Set<YAMLMap>();
  const servedBy = new Map<string, string>();
  const add = (file: PipelineFile, ...more: readonly Edit[]) =>
    edits.set(file, [...(edits.get(file) ?? []), ...more]);
  for (const found of findRecipes(project, notes)) {
    const plan = planFor(found, project, includes);
    if ('message' in plan) {
      notes.push(plan);
      continue;
    }
    if (found.jobs.some((job) => (servedBy.get(job) ?? plan.hiddenJob) !== plan.hiddenJob)) {
      notes.push(
        note(
          found,
          'its job has another recipe already',
          'Use the input "role_arns" of the component "same-job" for several roles in one job.',
        ),
      );
      continue;
    }
    for (const job of found.jobs) servedBy.set(job, plan.hiddenJob);
    if (plan.name === 'assume-role') {
      notes.push(
        note(
          found,
          'later jobs get these credentials, too',
          'Give those that shall not have them "dependencies: []", or "needs".',
        ),
      );
    }
    includes.splice(0, includes.length, ...plan.includes);
    const { file } = found.list;
    add(file, ...replaceItems(found, plan.hiddenJob));
    changes.push({
      file: file.path,
      offset: found.items[0]?.range?.[0] ?? 0,
      message: `a pasted recipe: the component "${plan.name}" does this`,
    });
    for (const job of plan.extending) {
      const [mapping] = project.mapping(job).slice(-1);
      if (mapping === undefined || extended.has(mapping.node)) continue;
      extended.add(mapping.node);
      add(mapping.file, ...extendJob(mapping, plan.hiddenJob, project, job));
    }
  }
  const entry = project.files.at(-1);
  if (entry !== undefined && includes.length > 0) add(entry, includeEdit(entry, includes, options));
  return { edits, notes, changes };
}

/** Keys in the pipeline itself are reported; nobody but a person can tell what they are for. */
function staticKeys(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  const holders = ['variables', ...project.jobNames()].flatMap((name) =>
    project.mapping(name).map((one) => [name, one] as const),
  );
  for (const [name, one] of holders) {
    const variables =
      name === 'variables' ? one : (membersOf(one).get('variables') as Located<YAMLMap> | undefined);
    if (variables === undefined || !('items' in variables.node)) continue;
    for (const pair of variables.node.items as Pair<Node, Node | null>[]) {
      const key = keyText(pair.key) ?? '';
      if (!/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)$/.test(key)) continue;
      if (mentionsLegacy(String((pair.value as Scalar | null)?.value))) continue;
      notes.set(pair, {
        kind: 'advice',
        file: variables.file.path,
        offset: pair.key.range?.[0] ?? 0,
        message: `${key} is set in the pipeline: a static key`,
        remedy: 'Remove it once the job has a role, and make it inactive in IAM.',
      });
    }
  }
  return [...notes.values()];
}
