import { descendants, programOf } from '../../shell/script.ts';
import { variablesRead } from '../../shell/variables.ts';
import { keyVariables } from './command-reader.ts';
import type { KnownText } from './known-text.ts';
import type { Reading, Step } from './reading.ts';
import { byHand, mentions, type Obstacle, type Recipe } from './recipe.ts';

/** What the files of the repository name: the scripts that a job runs may need something that a recipe makes. */
export interface Repository {
  /** The first file that names a word; documentation and pipelines do not count. */
  readonly naming: (word: string) => string | undefined;
  readonly has: (path: string) => boolean;
  /** The files that name a legacy variable. */
  readonly withLegacy: readonly string[];
  /** The text of a file that the pipeline names. */
  readonly text: (path: string) => string | undefined;
}

/** Everything in a job beside its recipe. */
export interface Surroundings {
  /** The commands of the recipe's own shell that stay. */
  readonly kept: readonly Step[];
  /** The other shell, `after_script` as a rule. */
  readonly after: Reading;
  /** Texts of the job that are no scripts: artifacts, cache. */
  readonly texts: readonly string[];
  readonly repository: Repository;
  /** A variable's value where the script or the pipeline's files have it. */
  readonly environment: (name: string) => string | undefined;
}

/** Why the recipe cannot go: somebody needs what no component makes. */
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
  return byHand(`${what} is used by other commands of its job as well: ${firstLine(command.text)}`);
}

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';

/** A variable with the answer, or a part of it, that other commands read. */
function answerReader({ answers }: Recipe, { kept, repository }: Surroundings): Obstacle | undefined {
  for (const name of answers) {
    const reader = kept.find((step) => !unsets(step) && reads(step, name));
    if (reader !== undefined) return usedBy(`the answer in "${name}"`, reader);
    const file = runsRepository(kept) && name.length > 2 ? repository.naming(name) : undefined;
    if (file !== undefined) return byHand(`the answer in "${name}" may be used by ${file}`);
  }
  return undefined;
}

const unsets = ({ effect }: Step) => effect.touches.some(({ kind }) => kind === 'unset');

const reads = ({ command }: Step, name: string) =>
  variablesRead(command.node).has(name) || (/^[A-Za-z_]/.test(name) && quotes(command.text, name));

/** `bash -c 'echo $NAME'`, `os.environ["NAME"]`, `docker run -e NAME` */
const quotes = (text: string, name: string) => mentions(text.replace(/\b[\w-]+=/g, ''), name);

/** The token's file, or one with the answer, that somebody else reads or keeps. */
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
      return byHand(`the job keeps its file "${name}"`);
    const file = runsRepository(kept) && name !== '' ? repository.naming(name) : undefined;
    if (file !== undefined) return byHand(`its file "${name}" may be used by ${file}`);
  }
  for (const name of fileVariables) {
    const reader = kept.find((step) => !removes(step.effect) && reads(step, name));
    if (reader !== undefined) return usedBy(`its file, by the variable "${name}",`, reader);
  }
  const aws = [...kept, ...after.steps].find(
    ({ command }) => /\.aws\b(?!\.)/.test(command.text) && !/amazonaws/.test(command.text),
  );
  if (files.some((path) => /\.aws\//.test(path)) || isForSdk || values.profile !== undefined)
    return aws && usedBy('what it writes into "~/.aws"', aws);
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

/** Other profiles, or commands that use none: they had other credentials than those of the recipe. */
function profileReader(
  { values, isForSdk, isForAll }: Recipe,
  { kept, after, environment }: Surroundings,
): Obstacle | undefined {
  const inUse = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SHARED_CREDENTIALS_FILE'].find((name) => {
    const value = environment(name);
    return value !== undefined && value !== '' && value !== values.profile;
  });
  if (inUse !== undefined && values.profile === undefined) {
    return byHand(`${inUse} is set for its job, and a component takes it away`);
  }
  const all = [...kept, ...after.steps];
  for (const step of all) {
    const named = /--profile[= ]["']?([\w.@${}-]+)/.exec(step.command.text)?.[1];
    if (named !== undefined && named !== values.profile) return usedOther(step, named);
  }
  const user = after.steps.find(usesAws);
  if ((isForSdk || values.profile !== undefined) && user !== undefined)
    return usedBy('what it writes into files', user);
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
    `another command uses the profile "${profile}", which the recipe does not make: ${firstLine(command.text)}`,
  );
}

/** `$?` right behind a command that goes. */
function statusReader({ steps }: Recipe, { kept }: Surroundings): Obstacle | undefined {
  const gone = new Set(steps.map(({ index }) => index));
  const reader = kept.find(({ command, index }) => gone.has(index - 1) && /\$(\?|\{\?)/.test(command.text));
  return reader && usedBy('the exit code of a command', reader);
}

/** Settings of the SDK that stay behind the recipe: a component's would lose against them. */
function settingWriter({ last }: Recipe, { kept }: Surroundings): Obstacle | undefined {
  const sets = ({ effect }: Step) =>
    effect.touches.some((touch) => touch.kind === 'setting' && /^AWS_(ROLE_|WEB_)/.test(touch.variable));
  const writer = kept.find((step) => step.index > last.index && sets(step));
  return (
    writer && byHand(`another command sets what a component sets as well: ${firstLine(writer.command.text)}`)
  );
}

/** Who reads the keys themselves, which no SDK needs: a command, a program or a file; undefined where nobody does. */
export function keyReader({ last }: Recipe, { kept, repository }: Surroundings): string | undefined {
  for (const { command, effect, index } of kept) {
    // keys of somebody else are taken away before
    if (index < last.index && effect.touches.some(({ kind }) => kind === 'unset')) continue;
    if (readsKeys(command.text) || dumpsEnvironment(command.text)) return firstLine(command.text);
    const program = [...descendants(command.node)]
      .map(programOf)
      .find((name) => readsOnlyKeys.has(name ?? ''));
    if (program !== undefined) return program;
  }
  if (!runsRepository(kept)) return undefined;
  return [...keyVariables].map(repository.naming).find((file) => file !== undefined);
}

/** Names a key, other than to set it. */
function readsKeys(text: string): boolean {
  const withoutWrites = text.replace(
    /\b(AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN))=/g,
    '=',
  );
  return [...keyVariables].some((name) => mentions(withoutWrites, name));
}

/** Programs that know keys in the environment, and no web identity. */
const readsOnlyKeys = new Set(['s3cmd', 's3fs', 'mc', 'gsutil']);

/** `env | grep ^AWS_`, `printenv > file`, `export -p >> file`: where AWS's variables may be among them. */
function dumpsEnvironment(text: string): boolean {
  if (!/(^|[;&|(`]\s*)(env|printenv|export\s+-p|declare\s+-x|set)\s*([|>)]|\d?>|$)/m.test(text)) return false;
  if (!/[|>(]/.test(text)) return false;
  const pattern = /\bgrep\b([^|>]*)/.exec(text)?.[1];
  return pattern === undefined || /AWS|\bA\b|-v/i.test(pattern);
}

/** Programs that run nothing out of the repository that could read variables. */
const outsiders = new Set(
  'aws echo printf cat ls cd mkdir cp mv rm test [ true false export set unset : pwd date grep sed awk cut tr head tail sort jq yq find tar zip unzip gzip chmod touch env which command type sleep exit wait read tee wc basename dirname mktemp git apk apt-get apt yum dnf pip pip3 curl wget'.split(
    ' ',
  ),
);

/** Does a job run anything that the repository could hold the code of? */
function runsRepository(kept: readonly Step[]): boolean {
  return kept.some(({ command }) =>
    [...descendants(command.node)].some((node) => {
      if (node.type !== 'Command' || node.name === undefined) return false;
      const program = programOf(node);
      return program === undefined || !outsiders.has(program);
    }),
  );
}

/** Scripts that a job runs by their path and that are not here. */
export function missingScripts({ kept, repository }: Surroundings): readonly string[] {
  const paths = kept.flatMap(({ command }) => [
    ...command.text.matchAll(/(?:^|[\s;&|(])\.\/([\w./-]+\.(?:sh|bash|py|js|mjs|rb|pl))\b/g),
  ]);
  return [...new Set(paths.map(([, path]) => path ?? ''))].filter((path) => !repository.has(path));
}

/** Does a command use AWS at all, as far as one can tell? */
export function usesAws({ command }: Step): boolean {
  return [...descendants(command.node)].some((node) => awsPrograms.has(programOf(node) ?? ''));
}

const awsPrograms = new Set(
  'aws terraform tofu terragrunt cdk sam serverless sls pulumi packer ansible-playbook eksctl copilot s3cmd boto3 ecs-deploy eb'.split(
    ' ',
  ),
);
