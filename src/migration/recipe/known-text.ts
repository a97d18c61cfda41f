/**
 * A text as far as it is known without running anything. CI/CD variables stand in it as they are written;
 * marks stand for what a run would put there.
 */
export type KnownText = string;

// of Unicode's private use area; a script that has them is not read
const mark = { answer: '\uE0A0', token: '\uE0A1', temporary: '\uE0A2', unknown: '\uE0A3' } as const;
const anyMark = /[\uE0A0-\uE0A3]/;

/** Something of STS's answer: a key, or all of it. */
export const answer: KnownText = mark.answer;

/** What only a run can tell. */
export const unknown: KnownText = mark.unknown;

/** The ID token of a variable. */
export const tokenOf = (variable: string): KnownText => `${mark.token}${variable}${mark.token}`;

/** The path of a temporary file; each has a number of its own. */
export const temporaryPath = (number: number): KnownText => `${mark.temporary}${number}${mark.temporary}`;

/** True where nothing but CI/CD variables is missing. */
export const isKnown = (text: KnownText): boolean => !anyMark.test(text);

export const hasAnswer = (text: KnownText): boolean => text.includes(mark.answer);

/** True for the path of a file, be it a temporary one. */
export const isPath = (text: KnownText): boolean =>
  text !== '' && !new RegExp(`[${mark.answer}${mark.token}${mark.unknown}\\s]`).test(text);

/** The variable whose ID token the text is, whole; undefined for any other text. */
export function tokenVariable(text: KnownText): string | undefined {
  return new RegExp(`^${mark.token}(\\w+)${mark.token}$`).exec(text.trim())?.[1];
}

/** No value of a recipe is longer; what doubles itself line by line ends here. */
const maxLength = 8192;

/** A text of a length that one can work with. */
export function bounded(text: KnownText): KnownText {
  if (text.length <= maxLength) return text;
  return hasAnswer(text) ? answer + unknown : unknown;
}

/** Several as one. */
export function concatenated(texts: Iterable<KnownText>): KnownText {
  let all = '';
  for (const text of texts) all = bounded(all + text);
  return all;
}

/** Could the text be one that somebody wrote in order to confuse these marks? */
export const hasMark = (text: string): boolean => anyMark.test(text);
