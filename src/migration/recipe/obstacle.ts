/** Why a recipe is left unchanged, and what a person can do about it. */
export interface Obstacle {
  readonly message: string;
  readonly remedy: string;
}

export function byHand(message: string): Obstacle {
  return { message, remedy: 'Include a component by hand, or leave the recipe: with its ID token it works.' };
}

export function notUnderstood(command: string): Obstacle {
  return {
    message: `this part of it was not understood: ${command}`,
    remedy: 'See docs/migrating.md for what to write in its place.',
  };
}

/** A command as a message quotes it. */
export const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';
