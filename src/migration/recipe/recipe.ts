import { keyVariables, sdkVariables } from './command-reader.ts';
import { hasAnswer, isKnown, type KnownText, tokenVariable } from './known-text.ts';
import { furtherSettings, isForRole, isRecipe, type Profile } from './profile.ts';
import type { Reading, Step } from './reading.ts';
import { hasShellVariable, type ShellState } from './shell-state.ts';
import type { StsCall } from './sts-call.ts';
import type { Touch } from './touch.ts';

/** What a recipe asks of STS; each may be left to the component's default. */
export interface RecipeValues {
  readonly roleArn: KnownText;
  readonly sessionName?: KnownText;
  readonly duration?: KnownText;
  /** The variable that it takes the token from. */
  readonly token: string;
  readonly profile?: string;
  /** Of the profile, for who uses that. */
  readonly region?: KnownText;
}

/** Commands that get credentials by OIDC, and that a component can stand in for. */
export interface Recipe {
  readonly values: RecipeValues;
  /** The variables, besides those that a component sets as well, that hold something of STS's answer. */
  readonly answers: readonly string[];
  /** The files that hold the token or something of the answer. */
  readonly files: readonly KnownText[];
  /** The variables that hold the path of one of them, besides that which a component sets as well. */
  readonly fileVariables: readonly string[];
  /** The commands that it is made of. */
  readonly steps: readonly Step[];
  /** The command after which the credentials are there. */
  readonly last: Step;
  /** True where an SDK assumes the role by itself. */
  readonly isForSdk: boolean;
  /** False where only commands that name its profile have its credentials. */
  readonly isForAll: boolean;
}

/** Why something is left as it is, and what a person can do. */
export interface Obstacle {
  readonly message: string;
  readonly remedy: string;
}

/** The one that a script has; undefined where it has none. */
export function findRecipe(reading: Reading): Recipe | Obstacle | undefined {
  const source = sourceOf(reading);
  if (source === undefined || 'message' in source) return source;
  const owned = ownedBy(source, reading);
  const steps = withExportsAll(reading.steps, ({ effect }) => effect.isWhole && effect.touches.every(owned));
  const partly = reading.steps.find(({ effect }) => !effect.isWhole && effect.touches.some(owned));
  if (partly !== undefined) return notUnderstood(partly.command.text);
  const last = steps.findLast(({ effect }) => effect.touches.some(({ kind }) => givesCredentials.has(kind)));
  if (last === undefined) return undefined;
  return { ...source, steps, last, fileVariables: holdersOf(source.files, reading) };
}

function holdersOf(files: readonly KnownText[], { state }: Reading): readonly string[] {
  return state
    .namesOf((value) => files.includes(state.path(value)))
    .filter((name) => name !== 'AWS_WEB_IDENTITY_TOKEN_FILE');
}

/** What belongs to a recipe, with a `set -a` and its `set +a` that nothing else stands between. */
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

type Source = Omit<Recipe, 'steps' | 'last' | 'fileVariables'>;

function sourceOf(reading: Reading): Source | Obstacle | undefined {
  const { state, profiles } = reading;
  const ours = profiles.filter(isRecipe);
  const [call, ...others] = state.calls;
  const forSdk = call === undefined ? sdkSource(reading, ours) : undefined;
  if (call === undefined) return forSdk;
  if (others.length > 0 || ours.length > 1) return severalRoles;
  const beside = ours.length === 0 ? undefined : besideProfile(reading, ours);
  if (beside !== undefined) return beside;
  return callSource(call, reading, ours[0]);
}

const severalRoles: Obstacle = {
  message: 'its job assumes several roles',
  remedy: 'Use the input "role_arns" of the component "same-job" for several roles in one job.',
};

export function notUnderstood(command: string): Obstacle {
  return {
    message: `this part of it was not understood: ${command}`,
    remedy: 'See docs/migrating.md for what to write in its place.',
  };
}

/** What the recipe's files hold beside its profile would be lost with them. */
function besideProfile(reading: Reading, ours: readonly Profile[]): Obstacle | undefined {
  const { profiles } = reading;
  const other = profiles.find((profile) => !ours.includes(profile));
  if (other !== undefined) return byHand(`it writes the profile "${other.name}" as well`);
  const [further] = ours.flatMap((profile) =>
    furtherSettings(profile).filter((name) => isLost(reading, profile.name, name)),
  );
  return further === undefined ? undefined : byHand(`its profile sets "${further}" as well`);
}

/** Commands that set the default profile's other settings stay; what is written with the rest of a file does not. */
function isLost({ steps }: Reading, profile: string, setting: string): boolean {
  if (profile !== 'default') return true;
  return !steps.some(({ effect }) =>
    effect.touches.some(
      (one) => one.kind === 'profile setting' && one.profile === profile && one.setting === setting,
    ),
  );
}

export const keysNotExported: Obstacle = byHand(
  'the keys of its answer are not exported as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN',
);

/** Keys of STS's answer, exported or in a profile. */
function callSource(call: StsCall, reading: Reading, profile: Profile | undefined): Source | Obstacle {
  const { state, steps } = reading;
  if (call.obstacle !== undefined) return byHand(call.obstacle);
  const given = new Set(
    steps
      .flatMap(({ effect }) => effect.touches)
      .flatMap((touch) => (touch.kind === 'answer' ? [touch.variable] : [])),
  );
  const isThere = (name: string) => state.exported.has(name) && given.has(name);
  const exportsKeys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].every(isThere);
  if (!exportsKeys && profile === undefined) {
    return keysNotExported;
  }
  const { options } = call;
  const token = tokenIn(call.token);
  if (token === undefined) return byHand('its token does not come from a variable');
  const values = valuesOf(
    {
      roleArn: options.get('role-arn'),
      sessionName: options.get('role-session-name'),
      duration: options.get('duration-seconds'),
    },
    state.obscuredBy,
  );
  if ('message' in values) return values;
  return {
    values: { ...values, token, ...ofProfile(reading, profile) },
    answers: [...given].filter((name) => !(keyVariables.has(name) && exportsKeys)),
    files: filesOf(reading),
    isForSdk: false,
    isForAll: exportsKeys || isChosen(profile, state),
  };
}

/** The files that hold the token or something of the answer for other commands of the recipe, or for an SDK. */
function filesOf({ state, steps }: Reading): readonly KnownText[] {
  const isPart = ({ effect }: Step) => effect.touches.some(({ kind }) => kind !== 'upkeep');
  const read = new Set(steps.filter(isPart).flatMap(({ effect }) => effect.reads ?? []));
  const isOurs = (text: KnownText) => hasAnswer(text) || tokenVariable(text) !== undefined;
  return [...state.files].filter(([path, text]) => isOurs(text) && read.has(path)).map(([path]) => path);
}

/** A role and a token file, in variables or in a profile. */
function sdkSource(reading: Reading, profiles: readonly Profile[]): Source | Obstacle | undefined {
  const { state } = reading;
  const [profile, ...others] = profiles;
  const file = state.environment('AWS_WEB_IDENTITY_TOKEN_FILE');
  const named = profile?.settings.get('web_identity_token_file') ?? file;
  const path = named === undefined ? undefined : state.path(named);
  const token = path === undefined ? undefined : tokenIn(state.files.get(path) ?? '');
  // a token that somebody else wrote, such as that of a pod, is nobody's recipe
  if (token === undefined || path === undefined) return undefined;
  if (others.length > 0) return severalRoles;
  const beside = profile === undefined ? undefined : besideProfile(reading, profiles);
  if (beside !== undefined) return beside;
  const setting = (name: string, variable: string) =>
    profile === undefined
      ? (state.environment(variable) ?? state.obscuredBy) === undefined
        ? undefined
        : state.value(variable, `$${variable}`)
      : profile.settings.get(name);
  const values = valuesOf(
    {
      roleArn: setting('role_arn', 'AWS_ROLE_ARN') ?? '$AWS_ROLE_ARN',
      sessionName: setting('role_session_name', 'AWS_ROLE_SESSION_NAME'),
      duration: undefined,
    },
    state.obscuredBy,
  );
  if ('message' in values) return values;
  return {
    values: { ...values, token, ...ofProfile(reading, profile) },
    answers: [],
    files: [path],
    isForSdk: true,
    isForAll: profile === undefined || isChosen(profile, state),
  };
}

function ofProfile(reading: Reading, profile: Profile | undefined): Pick<RecipeValues, 'profile' | 'region'> {
  if (profile === undefined) return {};
  const region = isLost(reading, profile.name, 'region') ? profile.settings.get('region') : undefined;
  return { profile: profile.name, ...(region !== undefined && { region }) };
}

/** Does the whole job use a profile? */
function isChosen(profile: Profile | undefined, state: ShellState): boolean {
  const chosen = state.environment('AWS_PROFILE') ?? state.environment('AWS_DEFAULT_PROFILE') ?? 'default';
  return profile?.name === chosen;
}

type Asked = { readonly [name in 'roleArn' | 'sessionName' | 'duration']: KnownText | undefined };

function valuesOf(asked: Asked, obscuredBy: string | undefined): Omit<RecipeValues, 'token'> | Obstacle {
  const { roleArn = '', sessionName = '', duration = '' } = asked;
  const names = { 'the role': roleArn, 'the role session name': sessionName, 'the duration': duration };
  for (const [name, value] of Object.entries(names)) {
    if (isKnown(value) && !hasShellVariable(value)) continue;
    const where = obscuredBy === undefined ? 'is made by the shell' : `may be set by "${obscuredBy}"`;
    return byHand(`${name} ${where}, and an input of a component cannot hold that`);
  }
  if (roleArn === '') return byHand('it names no role');
  return { roleArn, ...(sessionName !== '' && { sessionName }), ...(duration !== '' && { duration }) };
}

/** The variable of a token; one of files that were not looked at is a variable like any other. */
function tokenIn(text: KnownText): string | undefined {
  return tokenVariable(text) ?? /^\$\{?(\w+)\}?$/.exec(text.trim())?.[1];
}

export function byHand(message: string): Obstacle {
  return { message, remedy: 'Include a component by hand, or leave the recipe: with its ID token it works.' };
}

/** Tells which touches belong to a recipe: they go with it. */
function ownedBy({ answers, files, isForSdk, values }: Source, reading: Reading): (touch: Touch) => boolean {
  const { profiles, state } = reading;
  const others = reading.steps.filter(({ effect }) => effect.touches.length === 0);
  const ours = new Set(profiles.filter(isRecipe).map(({ name }) => name));
  const folders = new Set([...files, '$HOME/.aws/config'].map(folderOf));
  return (touch) => {
    switch (touch.kind) {
      case 'call':
      case 'answer':
        return true;
      case 'answer file':
      case 'token file':
        return files.includes(touch.path);
      case 'alias':
        return !others.some(({ command }) => mentions(command.text, touch.variable));
      case 'setting':
        if (!isForSdk) return false;
        if (/^AWS_(DEFAULT_)?PROFILE$/.test(touch.variable))
          return state.assigned(touch.variable) === values.profile;
        return sdkVariables.has(touch.variable);
      case 'profile file':
        return ours.size > 0;
      case 'profile setting':
        return ours.has(touch.profile) && (touch.profile !== 'default' || isForRole.has(touch.setting));
      case 'upkeep':
        return touch.paths.every(
          (path) => files.includes(path) || folders.has(path.replace(/\/$/, '')) || isAwsFolder(path),
        );
      case 'unset':
        return touch.variables.every((name) => answers.includes(name));
    }
  };
}

/** Does a text name a variable, with or without a dollar sign? */
export function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${name.replace(/[^\w]/g, '\\$&')}(?![\\w])`).test(text);
}

const folderOf = (path: string) => path.replace(/\/[^/]*$/, '');
const isAwsFolder = (path: string) => /^(\$HOME|\/root)\/\.aws(\/(config|credentials))?\/?$/.test(path);
