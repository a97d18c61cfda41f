/** A part of a value in a policy; in a literal part, `*` and `?` are ordinary characters. */
export interface Piece {
  readonly text: string;
  readonly literal: boolean;
}

const anyText = -1;
const oneCharacter = -2;

/**
 * Matches a text against a pattern as StringLike does: `*` matches any text, including `/` and `:`, `?` matches
 * one character, and case matters. Backtracks only to the last `*`, so no pattern takes exponential time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
 */
export function isLike(text: string, pieces: readonly Piece[]): boolean {
  const pattern = pieces.flatMap(symbolsOf);
  const characters = Array.from(text, codeOf);
  if (pattern.filter((symbol) => symbol !== anyText).length > characters.length) return false;
  let at = 0;
  let next = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const symbol = pattern[next];
    if (symbol === anyText) {
      star = next++;
      starAt = at;
    } else if (symbol === oneCharacter || symbol === characters[at]) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[next] === anyText) next++;
  return next === pattern.length;
}

/** The pattern as text, including wildcards. */
export function pieceText(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}

function symbolsOf({ text, literal }: Piece): readonly number[] {
  return Array.from(text, (character) => {
    if (literal) return codeOf(character);
    if (character === '*') return anyText;
    return character === '?' ? oneCharacter : codeOf(character);
  });
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
