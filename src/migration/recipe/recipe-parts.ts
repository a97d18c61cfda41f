import { namesVariable } from '../../shell/variables.ts';
import { sdkVariables } from './aws-variables.ts';
import { isForRole, isRecipe } from './profile.ts';
import type { Reading } from './reading.ts';
import type { RecipeSource } from './recipe-source.ts';
import type { Touch } from './touch.ts';

/** Returns a test for the touches that belong to a recipe, and are removed with it. */
export function partsOf(
  { answers, files, isForSdk, values }: RecipeSource,
  { profiles, state, steps }: Reading,
): (touch: Touch) => boolean {
  const others = steps.filter(({ effect }) => effect.touches.length === 0);
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
        return !others.some(({ command }) => namesVariable(command.text, touch.variable));
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

const folderOf = (path: string) => path.replace(/\/[^/]*$/, '');
const isAwsFolder = (path: string) => /^(\$HOME|\/root)\/\.aws(\/(config|credentials))?\/?$/.test(path);
