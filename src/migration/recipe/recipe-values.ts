import { isKnown, type KnownText, tokenVariable } from './known-text.ts';
import { byHand, type Obstacle } from './obstacle.ts';
import { hasShellVariable } from './shell-state.ts';

/** What a recipe requests from STS; optional values fall back to the component's defaults. */
export interface RecipeValues {
  readonly roleArn: KnownText;
  readonly sessionName?: KnownText;
  readonly duration?: KnownText;
  /** The variable that contains the token. */
  readonly token: string;
  readonly profile?: string;
  /** The region of the profile. */
  readonly region?: KnownText;
}

type Requested = { readonly [name in 'roleArn' | 'sessionName' | 'duration']: KnownText | undefined };

/** @returns the values, or an obstacle if a value is known only to the shell */
export function requestedValues(
  { roleArn = '', sessionName = '', duration = '' }: Requested,
  obscuredBy: string | undefined,
): Omit<RecipeValues, 'token'> | Obstacle {
  const names = { 'the role': roleArn, 'the role session name': sessionName, 'the duration': duration };
  for (const [name, value] of Object.entries(names)) {
    if (isKnown(value) && !hasShellVariable(value)) continue;
    const where = obscuredBy === undefined ? 'is computed by the shell' : `may be set by "${obscuredBy}"`;
    return byHand(`${name} ${where}, and an input accepts only literal text and CI/CD variables`);
  }
  if (roleArn === '') return byHand('it specifies no role');
  return { roleArn, ...(sessionName !== '' && { sessionName }), ...(duration !== '' && { duration }) };
}

/** The variable of a token; one that is declared in an unread file looks like any other variable. */
export function tokenIn(text: KnownText): string | undefined {
  return tokenVariable(text) ?? /^\$\{?(\w+)\}?$/.exec(text.trim())?.[1];
}
