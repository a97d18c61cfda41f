import type { Node, Pair, Scalar, YAMLMap } from 'yaml';
import { type ComponentInclude, includeEdit } from './component-include.ts';
import { note, planFor } from './component-plan.ts';
import type { Edit } from './edit.ts';
import { type FoundRecipe, findRecipes } from './found-recipe.ts';
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
  const add = (file: PipelineFile, ...more: readonly Edit[]) =>
    edits.set(file, [...(edits.get(file) ?? []), ...more]);
  const all = findRecipes(project, notes);
  for (const found of all) {
    const plan = hasCompetitor(found, all)
      ? note(found, 'its job has another recipe, for another role', severalRoles)
      : planFor(found, project, includes);
    if ('message' in plan) {
      notes.push(plan);
      continue;
    }
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

const severalRoles = 'Use the input "role_arns" of the component "same-job" for several roles in one job.';

/** Does a job of this recipe run another one that asks for something else? */
function hasCompetitor(found: FoundRecipe, all: readonly FoundRecipe[]): boolean {
  const asks = ({ recipe }: FoundRecipe) => JSON.stringify(recipe.values);
  return all.some((one) => asks(one) !== asks(found) && one.jobs.some((job) => found.jobs.includes(job)));
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
