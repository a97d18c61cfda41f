/**
 * A text as far as it is known without running the script. CI/CD variables are kept as written; marks
 * represent values that only a run can determine.
 */
export type KnownText = string;

// from Unicode's private use area; a script that contains them is not read
const mark = { answer: '\uE0A0', token: '\uE0A1', temporary: '\uE0A2', unknown: '\uE0A3' } as const;
const anyMark = /[\uE0A0-\uE0A3]/;

/** A part of STS's response, or all of it. */
export const answer: KnownText = mark.answer;

/** A value that only a run can determine. */
export const unknown: KnownText = mark.unknown;

/** The ID token of a variable. */
export const tokenOf = (variable: string): KnownText => `${mark.token}${variable}${mark.token}`;

/** The path of a temporary file; each has its own number. */
export const temporaryPath = (number: number): KnownText => `${mark.temporary}${number}${mark.temporary}`;

/** True if only the values of CI/CD variables are unknown. */
export const isKnown = (text: KnownText): boolean => !anyMark.test(text);

export const hasAnswer = (text: KnownText): boolean => text.includes(mark.answer);

/** True for the path of a file, including temporary files. */
export const isPath = (text: KnownText): boolean =>
  text !== '' && !new RegExp(`[${mark.answer}${mark.token}${mark.unknown}\\s]`).test(text);

/** The variable of an ID token, if the text consists only of that token. */
export function tokenVariable(text: KnownText): string | undefined {
  return new RegExp(`^${mark.token}(\\w+)${mark.token}$`).exec(text.trim())?.[1];
}

/** In characters. Limits texts that double with every line; no value of a recipe is longer. */
const maxLength = 8192;

/** A text, or a mark if it is too long. */
export function bounded(text: KnownText): KnownText {
  if (text.length <= maxLength) return text;
  return hasAnswer(text) ? answer + unknown : unknown;
}

/** Joins texts, within the limit. */
export function concatenated(texts: Iterable<KnownText>): KnownText {
  let all = '';
  for (const text of texts) all = bounded(all + text);
  return all;
}

/** Does a text contain marks? In a script, that is an attempt to confuse the reader. */
export const hasMark = (text: string): boolean => anyMark.test(text);
