import { namesVariable, variablesRead } from '../../shell/variables.ts';
import { runsRepository, usesAws } from './job-programs.ts';
import type { KnownText } from './known-text.ts';
import { byHand, firstLine, type Obstacle } from './obstacle.ts';
import type { Step } from './reading.ts';
import type { Recipe } from './recipe.ts';
import type { Surroundings } from './surroundings.ts';

/** Why a recipe cannot be removed: something else needs what it creates, and no component creates that. */
export function obstacleIn(recipe: Recipe, around: Surroundings): Obstacle | undefined {
  return (
    answerReader(recipe, around) ??
    fileReader(recipe, around) ??
    profileReader(recipe, around) ??
    statusReader(recipe, around) ??
    settingWriter(recipe, around)
  );
}

function usedBy(what: string, { command }: Step): Obstacle {
  return byHand(`other commands of the job also use ${what}: ${firstLine(command.text)}`);
}

/** A variable with the response, or a part of it, that other commands read. */
function answerReader({ answers }: Recipe, { kept, repository }: Surroundings): Obstacle | undefined {
  for (const name of answers) {
    const reader = kept.find((step) => !unsets(step) && reads(step, name));
    if (reader !== undefined) return usedBy(`the response in "${name}"`, reader);
    const file = runsRepository(kept) && name.length > 2 ? repository.naming(name) : undefined;
    if (file !== undefined) return byHand(`${file} may use the response in "${name}"`);
  }
  return undefined;
}

const unsets = ({ effect }: Step) => effect.touches.some(({ kind }) => kind === 'unset');

const reads = ({ command }: Step, name: string) =>
  variablesRead(command.node).has(name) || (/^[A-Za-z_]/.test(name) && quotes(command.text, name));

/** `bash -c 'echo $NAME'`, `os.environ["NAME"]`, `docker run -e NAME` */
const quotes = (text: string, name: string) => namesVariable(text.replace(/\b[\w-]+=/g, ''), name);

/** A file with the token or the response that something else reads, or that the job keeps. */
function fileReader(
  { files, fileVariables, isForSdk, values }: Recipe,
  { kept, after, texts, repository }: Surroundings,
): Obstacle | undefined {
  for (const path of files) {
    const name = /[^/]*$/.exec(path)?.[0] ?? '';
    const reader = [...kept, ...after.steps].find(
      ({ command, effect }) => command.text.includes(name) && !removes(effect),
    );
    if (reader !== undefined && name !== '') return usedBy(`its file "${name}"`, reader);
    if (name !== '' && texts.some((text) => keeps(text, path)))
      return byHand(`the job keeps its file "${name}" as an artifact or in a cache`);
    const file = runsRepository(kept) && name !== '' ? repository.naming(name) : undefined;
    if (file !== undefined) return byHand(`${file} may use its file "${name}"`);
  }
  for (const name of fileVariables) {
    const reader = kept.find((step) => !removes(step.effect) && reads(step, name));
    if (reader !== undefined) return usedBy(`its file, through the variable "${name}"`, reader);
  }
  const aws = [...kept, ...after.steps].find(
    ({ command }) => /\.aws\b(?!\.)/.test(command.text) && !/amazonaws/.test(command.text),
  );
  if (files.some((path) => /\.aws\//.test(path)) || isForSdk || values.profile !== undefined)
    return aws && usedBy('what it writes to "~/.aws"', aws);
  return undefined;
}

const removes = ({ touches }: Step['effect']) => touches.some(({ kind }) => kind === 'upkeep');

/** Does a pattern of artifacts or of a cache match a file? */
function keeps(pattern: string, path: KnownText): boolean {
  const below = path.replace(/^\$\{?CI_PROJECT_DIR\}?\//, '').replace(/^\.\//, '');
  if (/^[/~$]/.test(below)) return false;
  const start = pattern.replace(/^\.\//, '').replace(/\/?\**$/, '');
  return start === '' || below === start || below.startsWith(`${start}/`) || /[*?]/.test(pattern);
}

/** Other profiles, or commands without a profile: their credentials were not those of the recipe. */
function profileReader(
  { values, isForSdk, isForAll }: Recipe,
  { kept, after, environment }: Surroundings,
): Obstacle | undefined {
  const inUse = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SHARED_CREDENTIALS_FILE'].find((name) => {
    const value = environment(name);
    return value !== undefined && value !== '' && value !== values.profile;
  });
  if (inUse !== undefined && values.profile === undefined) {
    return byHand(`${inUse} is set in the job, and a component unsets it`);
  }
  const all = [...kept, ...after.steps];
  for (const step of all) {
    const named = /--profile[= ]["']?([\w.@${}-]+)/.exec(step.command.text)?.[1];
    if (named !== undefined && named !== values.profile) return usedOther(step, named);
  }
  const user = after.steps.find(usesAws);
  if ((isForSdk || values.profile !== undefined) && user !== undefined)
    return usedBy('what it writes to files', user);
  const without = isForAll
    ? undefined
    : kept.find((step) => usesAws(step) && !/--profile\b|AWS_PROFILE/.test(step.command.text));
  return (
    without &&
    byHand(
      `another command uses other credentials, without the recipe's profile: ${firstLine(without.command.text)}`,
    )
  );
}

function usedOther({ command }: Step, profile: string): Obstacle {
  return byHand(
    `another command uses the profile "${profile}", which the recipe does not create: ${firstLine(command.text)}`,
  );
}

/** `$?` right after a command that is removed. */
function statusReader({ steps }: Recipe, { kept }: Surroundings): Obstacle | undefined {
  const gone = new Set(steps.map(({ index }) => index));
  const reader = kept.find(({ command, index }) => gone.has(index - 1) && /\$(\?|\{\?)/.test(command.text));
  return reader && usedBy('the exit code of one of its commands', reader);
}

/** SDK settings that are kept after the recipe, and would override those of a component. */
function settingWriter({ last }: Recipe, { kept }: Surroundings): Obstacle | undefined {
  const sets = ({ effect }: Step) =>
    effect.touches.some((touch) => touch.kind === 'setting' && /^AWS_(ROLE_|WEB_)/.test(touch.variable));
  const writer = kept.find((step) => step.index > last.index && sets(step));
  return (
    writer && byHand(`another command sets what a component also sets: ${firstLine(writer.command.text)}`)
  );
}
