import type { Breadth } from './breadth.ts';

/** How a service composes the `sub` of its tokens, for one issuer. */
export interface SubjectForm {
  /** Classifies a pattern with the wildcards `*` and `?`, or a value without one. */
  readonly breadth: (pattern: string) => Breadth;
  /** Describes everyone whose token has a matching `sub`, in words; never fewer than the pattern matches. */
  readonly describe: (pattern: string) => string;
  /**
   * Replaces what is too broad by placeholders in capitals, such as `GROUP/PROJECT`; undefined if the form has no
   * single narrow value, so that a person must decide.
   */
  readonly template: (pattern: string) => string | undefined;
}

/** Does the text contain a wildcard of StringLike? */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/** The text before the first wildcard. */
export function fixedPart(pattern: string): string {
  const wildcard = pattern.search(/[*?]/);
  return wildcard < 0 ? pattern : pattern.slice(0, wildcard);
}

/** Does the pattern match every text? */
export function matchesAll(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}

/** `branch main`, `every branch`, `every branch that matches "release/*"`. */
export function partInWords(noun: string, pattern: string): string {
  if (matchesAll(pattern)) return `every ${noun}`;
  return hasWildcard(pattern) ? `every ${noun} that matches "${pattern}"` : `${noun} ${pattern}`;
}

/** The words for a `sub` in a form that the service does not document. */
export function otherSubject(pattern: string, issuer: string): string {
  if (matchesAll(pattern)) return `any token of ${issuer}`;
  return `tokens of ${issuer} whose sub ${hasWildcard(pattern) ? 'matches' : 'is'} "${pattern}"`;
}
