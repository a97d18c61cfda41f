import { isScalar, isSeq, type Pair, type Scalar, visit, type YAMLSeq } from 'yaml';
import type { Note } from './note.ts';
import type { PipelineFile } from './pipeline-file.ts';
import { type Located, type Project, scalarsIn } from './project.ts';
import {
  isNeutral,
  isRecipeStep,
  looksLikeRecipe,
  type NotUnderstood,
  type Recipe,
  readRecipe,
} from './recipe.ts';

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
  const seen = new Set<unknown>();
  for (const list of scriptLists(project)) {
    const scalars = list.node.items.filter(isText);
    for (const item of scalars) seen.add(item);
    const at = scalars.find((item) => looksLikeRecipe(item.value));
    if (at === undefined) continue;
    const recipe = readList(list.node, scalars);
    if ('command' in recipe) notes.push(notUnderstood(list.file, at, recipe.command));
    else found.push({ list, ...recipe, jobs: jobsOf(recipe.items, project) });
  }
  for (const file of project.files) {
    visit(file.root, (_, node) => {
      if (!isText(node) || seen.has(node) || !looksLikeRecipe(node.value)) return;
      notes.push(notUnderstood(file, node, 'a script that is not an entry of a list'));
    });
  }
  return found;
}

type Text = Scalar<string>;

function isText(node: unknown): node is Text {
  return isScalar(node) && typeof node.value === 'string';
}

function readList(
  list: YAMLSeq,
  scalars: readonly Text[],
): Pick<FoundRecipe, 'items' | 'recipe'> | NotUnderstood {
  if (list.flow) return { command: 'a list in one line' };
  const whole = around(scalars);
  const [first, last] = [list.items.indexOf(whole[0]), list.items.indexOf(whole.at(-1))];
  if (last - first + 1 !== whole.length) return { command: 'an alias or a reference between its steps' };
  const items = whole.filter((item) => !isNeutral(item.value));
  const recipe = readRecipe(items.map((item) => item.value));
  return 'command' in recipe ? recipe : { items, recipe };
}

/** From the first step of the recipe to the last one. */
function around(scalars: readonly Text[]): readonly Text[] {
  const isStep = scalars.map((item) => looksLikeRecipe(item.value) || isRecipeStep(item.value));
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
