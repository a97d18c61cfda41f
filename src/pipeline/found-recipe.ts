import { isScalar, isSeq, type Pair, type Scalar, type YAMLSeq } from 'yaml';
import type { Note } from './note.ts';
import type { PipelineFile } from './pipeline-file.ts';
import { type Located, type Project, scalarsIn } from './project.ts';
import { isNeutral, isRecipeStep, looksLikeRecipe, type Recipe, readRecipe } from './recipe.ts';

/** A recipe in a list of scripts, and the jobs that run it. */
export interface FoundRecipe {
  readonly list: Located<YAMLSeq>;
  /** The entries of the list that it is made of. */
  readonly items: readonly Scalar[];
  readonly recipe: Recipe;
  readonly jobs: readonly string[];
}

/** Every recipe that is understood whole; of the others a note says why not. */
export function findRecipes(project: Project, notes: Note[]): readonly FoundRecipe[] {
  const found: FoundRecipe[] = [];
  for (const list of scriptLists(project)) {
    const scalars = list.node.items.filter(
      (item): item is Scalar => isScalar(item) && typeof item.value === 'string',
    );
    if (!scalars.some((item) => looksLikeRecipe(String(item.value)))) continue;
    if (list.node.flow) {
      notes.push(notUnderstood(list.file, scalars[0], 'a list in one line'));
      continue;
    }
    const items = around(scalars).filter((item) => !isNeutral(String(item.value)));
    const recipe = readRecipe(items.map((item) => String(item.value)));
    if ('command' in recipe) {
      const at = scalars.find((item) => looksLikeRecipe(String(item.value)));
      notes.push(notUnderstood(list.file, at ?? scalars[0], recipe.command));
      continue;
    }
    found.push({ list, items, recipe, jobs: jobsOf(items, project) });
  }
  return found;
}

/** From the first step of the recipe to the last one. */
function around(scalars: readonly Scalar[]): readonly Scalar[] {
  const isStep = scalars.map(
    (item) => looksLikeRecipe(String(item.value)) || isRecipeStep(String(item.value)),
  );
  return scalars.slice(isStep.indexOf(true), isStep.lastIndexOf(true) + 1);
}

/** Every list of scripts in the files: of jobs, of default, and those that stand alone to be referred to. */
function scriptLists(project: Project): readonly Located<YAMLSeq>[] {
  const lists: Located<YAMLSeq>[] = [];
  const collect = (node: unknown, file: PipelineFile): void => {
    if (isSeq(node) && node.tag !== '!reference') lists.push({ node, file });
    const items = (node as { items?: readonly unknown[] } | null)?.items ?? [];
    for (const item of items) collect((item as Pair).value ?? item, file);
  };
  for (const file of project.files) collect(file.root, file);
  return lists;
}

function jobsOf(items: readonly Scalar[], project: Project): readonly string[] {
  const runs = (job: string) =>
    [...project.effective(job)].some(
      ([key, values]) =>
        /script$/.test(key) &&
        values.some((value) => scalarsIn(value, project).some(({ node }) => items.includes(node))),
    );
  const jobs = project.jobNames().filter(runs);
  const visible = jobs.filter((job) => !job.startsWith('.'));
  return visible.length > 0 ? visible : jobs;
}

function notUnderstood(file: PipelineFile, item: Scalar | undefined, command: string): Note {
  return {
    kind: 'advice',
    file: file.path,
    offset: item?.range?.[0] ?? 0,
    message: `a recipe is left as it is; this part of it was not understood: ${command}`,
    remedy: 'See docs/migrating.md for what to write in its place.',
  };
}
