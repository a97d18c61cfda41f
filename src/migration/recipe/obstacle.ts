import { documentationUrl } from '../../text/documentation.ts';
/** Why a recipe is left unchanged, and what a person can do about it. */
export interface Obstacle {
  readonly message: string;
  readonly remedy: string;
}

export function byHand(message: string): Obstacle {
  return { message, remedy: 'Include a component by hand, or keep the recipe: it works with its ID token.' };
}

export function notUnderstood(command: string): Obstacle {
  return {
    message: `this part of it could not be analyzed: ${command}`,
    remedy: `For what to use instead, see ${documentationUrl}/migrating.md`,
  };
}

/** A command as a message quotes it. */
export const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';
