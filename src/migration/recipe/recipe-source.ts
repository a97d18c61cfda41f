import { keyVariables } from './aws-variables.ts';
import { hasAnswer, type KnownText, tokenVariable } from './known-text.ts';
import { byHand, type Obstacle } from './obstacle.ts';
import { isRecipe, type Profile } from './profile.ts';
import { besideProfile, isChosen, ofProfile } from './profile-use.ts';
import type { Reading, Step } from './reading.ts';
import { type RecipeValues, requestedValues, tokenIn } from './recipe-values.ts';
import type { StsCall } from './sts-call.ts';

/** Where a job's credentials come from: a call of STS, or an SDK that assumes the role itself. */
export interface RecipeSource {
  readonly values: RecipeValues;
  /** The variables that contain parts of STS's response, except those that a component sets too. */
  readonly answers: readonly string[];
  /** The files that contain the token or a part of the response. */
  readonly files: readonly KnownText[];
  /** True if an SDK assumes the role itself. */
  readonly isForSdk: boolean;
  /** False if only commands that specify its profile use its credentials. */
  readonly isForAll: boolean;
}

const severalRoles: Obstacle = {
  message: 'the job assumes several roles',
  remedy: 'Use the input "role_arns" of the component "same-job" for several roles in one job.',
};

export const keysNotExported: Obstacle = byHand(
  'the keys in its response are not exported as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN',
);

/** @returns undefined if the script gets no credentials by OIDC */
export function sourceOf(reading: Reading): RecipeSource | Obstacle | undefined {
  const { state, profiles } = reading;
  const ours = profiles.filter(isRecipe);
  const [call, ...others] = state.calls;
  if (call === undefined) return sdkSource(reading, ours);
  if (others.length > 0 || ours.length > 1) return severalRoles;
  const beside = ours.length === 0 ? undefined : besideProfile(reading, ours);
  if (beside !== undefined) return beside;
  return callSource(call, reading, ours[0]);
}

/** Keys from STS's response, exported or in a profile. */
function callSource(call: StsCall, reading: Reading, profile: Profile | undefined): RecipeSource | Obstacle {
  const { state } = reading;
  if (call.obstacle !== undefined) return byHand(call.obstacle);
  const given = answersIn(reading);
  const exportsKeys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].every(
    (name) => state.exported.has(name) && given.has(name),
  );
  if (!exportsKeys && profile === undefined) return keysNotExported;
  const { options } = call;
  const token = tokenIn(call.token);
  if (token === undefined) return byHand('its token does not come from a variable');
  const requested = {
    roleArn: options.get('role-arn'),
    sessionName: options.get('role-session-name'),
    duration: options.get('duration-seconds'),
  };
  const values = requestedValues(requested, state.obscuredBy);
  if ('message' in values) return values;
  return {
    values: { ...values, token, ...ofProfile(reading, profile) },
    answers: [...given].filter((name) => !(keyVariables.has(name) && exportsKeys)),
    files: filesOf(reading),
    isForSdk: false,
    isForAll: exportsKeys || isChosen(profile, state),
  };
}

/** The variables that are set from STS's response. */
function answersIn({ steps }: Reading): ReadonlySet<string> {
  const touches = steps.flatMap(({ effect }) => effect.touches);
  return new Set(touches.flatMap((touch) => (touch.kind === 'answer' ? [touch.variable] : [])));
}

/** The files through which the token or the response reaches other commands of the recipe, or an SDK. */
function filesOf({ state, steps }: Reading): readonly KnownText[] {
  const isPart = ({ effect }: Step) => effect.touches.some(({ kind }) => kind !== 'upkeep');
  const read = new Set(steps.filter(isPart).flatMap(({ effect }) => effect.reads ?? []));
  const isOurs = (text: KnownText) => hasAnswer(text) || tokenVariable(text) !== undefined;
  return [...state.files].filter(([path, text]) => isOurs(text) && read.has(path)).map(([path]) => path);
}

/** A role and a token file, in variables or in a profile. */
function sdkSource(reading: Reading, profiles: readonly Profile[]): RecipeSource | Obstacle | undefined {
  const { state } = reading;
  const [profile, ...others] = profiles;
  const file = state.environment('AWS_WEB_IDENTITY_TOKEN_FILE');
  const named = profile?.settings.get('web_identity_token_file') ?? file;
  const path = named === undefined ? undefined : state.path(named);
  const token = path === undefined ? undefined : tokenIn(state.files.get(path) ?? '');
  // a token that the job did not write, such as that of a pod, is no recipe
  if (token === undefined || path === undefined) return undefined;
  if (others.length > 0) return severalRoles;
  const beside = profile === undefined ? undefined : besideProfile(reading, profiles);
  if (beside !== undefined) return beside;
  const requested = {
    roleArn: sdkSetting(reading, profile, 'role_arn', 'AWS_ROLE_ARN') ?? '$AWS_ROLE_ARN',
    sessionName: sdkSetting(reading, profile, 'role_session_name', 'AWS_ROLE_SESSION_NAME'),
    duration: undefined,
  };
  const values = requestedValues(requested, state.obscuredBy);
  if ('message' in values) return values;
  return {
    values: { ...values, token, ...ofProfile(reading, profile) },
    answers: [],
    files: [path],
    isForSdk: true,
    isForAll: profile === undefined || isChosen(profile, state),
  };
}

/** A setting of the profile, or of the environment if there is no profile. */
function sdkSetting(
  { state }: Reading,
  profile: Profile | undefined,
  name: string,
  variable: string,
): KnownText | undefined {
  if (profile !== undefined) return profile.settings.get(name);
  const isSet = (state.environment(variable) ?? state.obscuredBy) !== undefined;
  return isSet ? state.value(variable, `$${variable}`) : undefined;
}
