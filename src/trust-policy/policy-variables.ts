import type { Piece } from '../identity/pattern.ts';
import type { Context } from './context.ts';

/**
 * Expands policy variables: `${gitlab.com:sub}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}` for the
 * characters themselves. The values are literal, including wildcards.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 *
 * @param version policies before 2012-10-17 do not support variables
 * @returns undefined if a variable has neither a single value nor a default, in which case nothing matches
 */
export function expandVariables(
  text: string,
  context: Context,
  version: string,
): readonly Piece[] | undefined {
  if (version !== '2012-10-17') return [{ text, literal: false }];
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{([^{}]*)\}/g)) {
    const value = variableValue(match[1] ?? '', context);
    if (value === undefined) return undefined;
    pieces.push({ text: text.slice(end, match.index), literal: false }, { text: value, literal: true });
    end = match.index + match[0].length;
  }
  return [...pieces, { text: text.slice(end), literal: false }];
}

function variableValue(variable: string, context: Context): string | undefined {
  if (['*', '?', '$'].includes(variable)) return variable;
  const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(variable) ?? [];
  const values = context.get(key.toLowerCase()) ?? [];
  return values.length === 1 ? values[0] : fallback;
}
