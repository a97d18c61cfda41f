import { isLike } from '../identity/pattern.ts';

/** Does a text match a pattern with `*` and `?`? Upper and lower case are the same, as in action names. */
export function matches(text: string, pattern: string): boolean {
  const [value, wanted] = [text.toLowerCase(), pattern.toLowerCase()];
  const fixed = fixedPart(wanted);
  // almost all patterns of policies are decided here, which matters for many thousand roles
  if (fixed.length === wanted.length) return value === wanted;
  if (!value.startsWith(fixed)) return false;
  return wanted === `${fixed}*` || isLike(value, [{ text: wanted, literal: false }]);
}

/** The text before the first wildcard. */
function fixedPart(pattern: string): string {
  const wildcard = pattern.search(/[*?]/);
  return wildcard < 0 ? pattern : pattern.slice(0, wildcard);
}

/** Does everything that `inner` matches also match `outer`? False if that is not certain. */
export function contains(outer: string, inner: string): boolean {
  // "?" would match the "*" of the other pattern as one character
  if (outer.includes('?') && /[*?]/.test(inner)) return outer.toLowerCase() === inner.toLowerCase();
  return matches(inner, outer);
}

/** Is there a text that matches both patterns? */
export function overlap(one: string, other: string): boolean {
  const [first, second] = [fixedPart(one), fixedPart(other)].map((fixed) => fixed.toLowerCase());
  if (first === undefined || second === undefined) return false;
  if (!first.startsWith(second) && !second.startsWith(first)) return false;
  if (first.length === one.length) return matches(one, other);
  return second.length === other.length ? matches(other, one) : haveCommonText(one, other);
}

function haveCommonText(one: string, other: string): boolean {
  const [a, b] = [Array.from(one.toLowerCase()), Array.from(other.toLowerCase())];
  // common[i][j]: the patterns without their first i and j symbols have a common text
  const common = [...a, ''].map(() => [...b, ''].map(() => false));
  const at = (i: number, j: number) => common[i]?.[j] === true;
  for (let i = a.length; i >= 0; i--) {
    for (let j = b.length; j >= 0; j--) {
      const [x, y] = [a[i], b[j]];
      const isSame = x !== undefined && y !== undefined && (x === y || x === '?' || y === '?');
      const row = common[i] ?? [];
      if (x === undefined && y === undefined) row[j] = true;
      else if (x === '*') row[j] = at(i + 1, j) || (y !== undefined && at(i, j + 1));
      else if (y === '*') row[j] = at(i, j + 1) || (x !== undefined && at(i + 1, j));
      else row[j] = isSame && at(i + 1, j + 1);
    }
  }
  return at(0, 0);
}

/** Does the pattern match every name, such as `*` or `?*`? */
export function matchesEverything(pattern: string): boolean {
  return /^[*?]*$/.test(pattern) && pattern.includes('*');
}
