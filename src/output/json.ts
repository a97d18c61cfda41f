import { redacted } from '../text/redacted.ts';

/**
 * A value as JSON that is safe to show: secrets are masked as in the log, and characters that control a
 * terminal or hide text are escaped, which does not change the value for a JSON parser.
 */
export function formatJson(value: unknown, secrets: readonly string[] = []): string {
  const text = redacted(JSON.stringify(value, null, 2), secrets);
  const escaped = text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
  return `${escaped}\n`;
}
