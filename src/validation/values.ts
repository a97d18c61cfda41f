import { RuleError } from '../errors.ts';

const minDurationSeconds = 900;
const maxDurationSeconds = 43_200;

/**
 * A session duration in seconds, from `3600`, `60m` or `1h`.
 *
 * @throws {RuleError} unless STS accepts it
 */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  const seconds = Number(number) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  if (!(seconds >= minDurationSeconds && seconds <= maxDurationSeconds)) {
    throw new RuleError(
      `must be a duration from ${minDurationSeconds} to ${maxDurationSeconds} seconds`,
      "For example 3600, 60m or 1h; the role's maximum session duration (3600 by default) limits it further.",
    );
  }
  return seconds;
}

/** @throws {RuleError} unless `text` is a JSON array of strings (empty text means an empty array) */
export function parseList(text: string): readonly string[] {
  if (text.trim() === '') return [];
  const list = parseJson(text);
  if (!Array.isArray(list)) throw new RuleError('must be a JSON array of strings', 'For example ["a", "b"].');
  for (const item of list) {
    if (typeof item === 'string') continue;
    throw new RuleError(
      'must be a JSON array of strings',
      typeof item === 'number' ? 'Quote numbers: an account ID would lose its leading zeros.' : undefined,
    );
  }
  return list;
}

/** @throws {RuleError} unless `text` is an account ID */
export function checkAccountId(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new RuleError('must be an account ID of 12 digits');
  return text;
}

/** @throws {RuleError} unless `text` is JSON; the message does not repeat it */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the parser's message repeats the text
    throw new RuleError('must be valid JSON');
  }
}
