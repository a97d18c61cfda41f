import { descendants, type ShellCommand } from '../../shell/script.ts';
import { variablesRead } from '../../shell/variables.ts';
import { isMapping, memberOf } from '../located.ts';
import type { Note } from '../note.ts';
import type { Effective, Project } from '../project.ts';
import { type JobScript, type ScriptItem, scriptsOf } from '../recipe/job-script.ts';
import { tokenVariable } from '../recipe/known-text.ts';
import { firstLine, notUnderstood, type Obstacle } from '../recipe/obstacle.ts';
import { type Reading, readJobScript, type Step } from '../recipe/reading.ts';
import { findRecipe, type Recipe } from '../recipe/recipe.ts';
import { awsAction } from '../recipe/sts-call.ts';
import type { Surroundings } from '../recipe/surroundings.ts';
import type { Repository } from '../repository.ts';
import { scalarsIn } from '../scalars.ts';
import { variablesOf } from './job-variables.ts';

/** A recipe in a job with its surroundings, or why it cannot be replaced. */
export interface JobRecipe {
  readonly job: string;
  readonly items: readonly ScriptItem[];
  readonly found:
    | { readonly recipe: Recipe; readonly around: Surroundings; readonly reading: Reading }
    | Obstacle;
}

/** The recipe of a job, if it has one. Jobs without one are not analyzed. */
export function recipesOf(job: string, project: Project, repository: Repository): readonly JobRecipe[] {
  const { main, after, hooks } = scriptsOf(job, project);
  const variables = variablesOf(job, project);
  const elsewhere = [...after, ...hooks].filter(({ scalar }) => makesCredentials(scalar.node.value));
  if (elsewhere.length > 0) return [{ job, items: elsewhere, found: notInScript }];
  const file = variables.valueOf('AWS_WEB_IDENTITY_TOKEN_FILE');
  const looksSo = main.some(({ scalar }) => looksLikeRecipe(scalar.node.value));
  if (!looksSo && (file === undefined || ofPod.test(file))) return [];
  const reading = readJobScript(main, variables, repository.text);
  const found = inScript(main, reading, {
    after: readJobScript(after, variables, repository.text),
    texts: textsBeside(project.effective(job), project),
    repository,
    environment: (name) => reading.state.environment(name),
  });
  return found === undefined ? [] : [{ job, ...found }];
}

/** The path of a pod's token, which is not the job's. */
const ofPod = /^\/var\/run\/secrets\//;

const notInScript: Obstacle = {
  message: 'it is in "after_script" or "hooks", which components do not support',
  remedy: 'Move it to the script of a job.',
};

/** Mentions once that `--to component` could replace a recipe. */
export function recipeHint(project: Project): readonly Note[] {
  for (const job of project.visibleJobs()) {
    const { main } = scriptsOf(job, project);
    const item = main.find(({ scalar }) => looksLikeRecipe(scalar.node.value));
    if (item === undefined) continue;
    return [
      {
        kind: 'advice',
        file: item.scalar.file.path,
        offset: item.scalar.node.range?.[0] ?? 0,
        message: 'the job logs in to AWS with a pasted recipe',
        remedy: '"aws-oidc migrate --to component" replaces such recipes with a component.',
      },
    ];
  }
  return [];
}

/** Could a script belong to a recipe? */
function looksLikeRecipe(script: string): boolean {
  return /assume-role-with-web-identity|web_identity_token_file|AWS_WEB_IDENTITY_TOKEN_FILE/.test(script);
}

function makesCredentials(script: string): boolean {
  return /assume-role-with-web-identity|web_identity_token_file|AWS_WEB_IDENTITY_TOKEN_FILE=/.test(script);
}

function inScript(
  script: JobScript,
  reading: Reading,
  around: Omit<Surroundings, 'kept'>,
): Omit<JobRecipe, 'job'> | undefined {
  const unread = reading.unread.find(({ scalar }) => looksLikeRecipe(scalar.node.value));
  if (unread !== undefined)
    return { items: [unread], found: notUnderstood('a script that is not in shell syntax') };
  const hidden = reading.steps.find(hidesRecipe);
  if (hidden !== undefined) return { items: [hidden.item], found: reasonFor(hidden.command) };
  const recipe = findRecipe(reading);
  if (recipe === undefined) return notFound(reading);
  if ('message' in recipe) {
    return { items: script.filter(({ scalar }) => looksLikeRecipe(scalar.node.value)), found: recipe };
  }
  const gone = new Set(recipe.steps);
  const kept = reading.steps.filter((step) => !gone.has(step));
  const items = [...new Set(recipe.steps.map(({ item }) => item))];
  return { items, found: { recipe, reading, around: { ...around, kept } } };
}

/** A part of a recipe in a job without a complete one. */
function notFound({ steps, state }: Reading): Omit<JobRecipe, 'job'> | undefined {
  const isCall = ({ command }: Step) =>
    /assume-role-with-web-identity/.test(command.text) && !/^(echo|printf|grep)\b/.test(command.text);
  // the SDK is configured with a token file, and a command uses the token
  const isToken = ({ command }: Step) =>
    state.environment('AWS_WEB_IDENTITY_TOKEN_FILE') !== undefined &&
    [...variablesRead(command.node)].some((name) => tokenVariable(state.value(name, '')) !== undefined);
  const step = steps.find(isCall) ?? steps.find(isToken);
  return step && { items: [step.item], found: notUnderstood(firstLine(step.command.text)) };
}

/** Does a command contain a recipe, or a part of it, and do something else as well? */
function hidesRecipe({ command, effect, item }: Step): boolean {
  if (effect.isWhole) return false;
  const source = item.scalar.node.value.slice(command.start, command.end);
  const isCall = [...descendants(command.node)].some(
    (node) => node.type === 'Command' && awsAction(node)?.[1] === 'assume-role-with-web-identity',
  );
  const isSimple = command.node.type === 'Command' || command.node.type === 'Pipeline';
  if (isCall) return true;
  return isSimple
    ? /(-c|eval|ssh|<<).*assume-role-with-web-identity/s.test(source)
    : /web_identity_token_file|AWS_WEB_IDENTITY_TOKEN_FILE=/.test(source);
}

function reasonFor({ node, inBackground, fallbacks, text }: ShellCommand): Obstacle {
  const remedy = 'Write the recipe as separate commands of the script, or include a component by hand.';
  const shape = shapes[node.type];
  if (shape !== undefined) return { message: `it is in ${shape}`, remedy };
  if (inBackground) return { message: 'it runs in the background', remedy };
  if (fallbacks.length > 0)
    return { message: `the script continues if it fails: ${firstLine(text)}`, remedy };
  return notUnderstood(firstLine(text));
}

const shapes: Readonly<Record<string, string>> = {
  If: 'an "if"',
  Case: 'a "case"',
  For: 'a loop',
  ArithmeticFor: 'a loop',
  While: 'a loop',
  Function: 'a function',
  Subshell: 'a subshell',
  BraceGroup: 'a group',
  Redirected: 'a group',
};

/** Patterns of the files that the job keeps. */
function textsBeside(effective: Effective, project: Project): readonly string[] {
  return ['artifacts', 'cache']
    .flatMap((key) => effective.get(key)?.slice(-1) ?? [])
    .flatMap((value) =>
      isMapping(value)
        ? ['paths', 'reports', 'untracked'].flatMap((key) => memberOf(value, key) ?? [])
        : [value],
    )
    .flatMap((one) => scalarsIn(one, project))
    .map(({ node }) => (node.value === true ? '*' : String(node.value)));
}

/** A note that a recipe is left, at its place. */
export function leftNote({ items, job }: JobRecipe, { message, remedy }: Obstacle): Note {
  const [item] = items;
  return {
    kind: 'advice',
    file: item?.scalar.file.path ?? '',
    offset: item?.scalar.node.range?.[0] ?? 0,
    message: `the recipe in the job "${job}" is left unchanged: ${message}`,
    remedy,
  };
}
