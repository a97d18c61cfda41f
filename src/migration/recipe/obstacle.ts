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
    remedy: 'See docs/migrating.md for what to use instead.',
  };
}

/** A command as a message quotes it. */
export const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';
