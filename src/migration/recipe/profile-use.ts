import { byHand, type Obstacle } from './obstacle.ts';
import { furtherSettings, type Profile } from './profile.ts';
import type { Reading } from './reading.ts';
import type { RecipeValues } from './recipe-values.ts';
import type { ShellState } from './shell-state.ts';

/** Content of the recipe's files that does not belong to its profile, and would be lost with them. */
export function besideProfile(reading: Reading, ours: readonly Profile[]): Obstacle | undefined {
  const { profiles } = reading;
  const other = profiles.find((profile) => !ours.includes(profile));
  if (other !== undefined) return byHand(`it also writes the profile "${other.name}"`);
  const [further] = ours.flatMap((profile) =>
    furtherSettings(profile).filter((name) => isLost(reading, profile.name, name)),
  );
  return further === undefined ? undefined : byHand(`its profile also sets "${further}"`);
}

/** Is a setting removed with the recipe? Commands that set other settings of the default profile are kept. */
function isLost({ steps }: Reading, profile: string, setting: string): boolean {
  if (profile !== 'default') return true;
  return !steps.some(({ effect }) =>
    effect.touches.some(
      (one) => one.kind === 'profile setting' && one.profile === profile && one.setting === setting,
    ),
  );
}

export function ofProfile(
  reading: Reading,
  profile: Profile | undefined,
): Pick<RecipeValues, 'profile' | 'region'> {
  if (profile === undefined) return {};
  const region = isLost(reading, profile.name, 'region') ? profile.settings.get('region') : undefined;
  return { profile: profile.name, ...(region !== undefined && { region }) };
}

/** Does the whole job use a profile? */
export function isChosen(profile: Profile | undefined, state: ShellState): boolean {
  const chosen = state.environment('AWS_PROFILE') ?? state.environment('AWS_DEFAULT_PROFILE') ?? 'default';
  return profile?.name === chosen;
}
