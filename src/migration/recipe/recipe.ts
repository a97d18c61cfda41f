import type { KnownText } from './known-text.ts';
import { notUnderstood, type Obstacle } from './obstacle.ts';
import type { Reading, Step } from './reading.ts';
import { partsOf } from './recipe-parts.ts';
import { type RecipeSource, sourceOf } from './recipe-source.ts';
import type { Touch } from './touch.ts';

/** Commands that get credentials by OIDC, and that a component can replace. */
export interface Recipe extends RecipeSource {
  /** The variables that contain the path of one of its files, except the one that a component sets too. */
  readonly fileVariables: readonly string[];
  /** The commands that belong to it. */
  readonly steps: readonly Step[];
  /** The command after which the credentials are available. */
  readonly last: Step;
}

/** The recipe of a script; undefined if it has none. */
export function findRecipe(reading: Reading): Recipe | Obstacle | undefined {
  const source = sourceOf(reading);
  if (source === undefined || 'message' in source) return source;
  const isPart = partsOf(source, reading);
  const steps = withExportsAll(reading.steps, ({ effect }) => effect.isWhole && effect.touches.every(isPart));
  const partly = reading.steps.find(({ effect }) => !effect.isWhole && effect.touches.some(isPart));
  if (partly !== undefined) return notUnderstood(partly.command.text);
  const last = steps.findLast(({ effect }) => effect.touches.some(({ kind }) => givesCredentials.has(kind)));
  if (last === undefined) return undefined;
  return { ...source, steps, last, fileVariables: pathVariables(source.files, reading) };
}

function pathVariables(files: readonly KnownText[], { state }: Reading): readonly string[] {
  return state
    .namesOf((value) => files.includes(state.path(value)))
    .filter((name) => name !== 'AWS_WEB_IDENTITY_TOKEN_FILE');
}

/** The steps of a recipe, with a `set -a` and its `set +a` if only these steps are between them. */
function withExportsAll(all: readonly Step[], isPart: (step: Step) => boolean): readonly Step[] {
  const kept = all.filter((step) => !isPart(step));
  const around = kept.flatMap((step, index) => {
    const next = kept[index + 1];
    const isPair =
      /^set -a$/.test(step.command.text) && next !== undefined && /^set \+a$/.test(next.command.text);
    return isPair && next.index > step.index + 1 ? [step, next] : [];
  });
  return all.filter((step) => around.includes(step) || isPart(step));
}

const givesCredentials: ReadonlySet<Touch['kind']> = new Set([
  'call',
  'answer',
  'setting',
  'token file',
  'profile file',
  'profile setting',
]);
