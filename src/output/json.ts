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

/**
 * An object whose members are lists, as JSON in parts, so that no part has the length of the whole. Safe to show, as
 * formatJson is.
 */
export function* jsonParts(lists: Readonly<Record<string, Iterable<unknown>>>): Iterable<string> {
  let before = '{\n';
  for (const [name, items] of Object.entries(lists)) {
    yield `${before}  ${formatJson(name).trimEnd()}: [`;
    let isFirst = true;
    for (const item of items) {
      const text = formatJson(item).trimEnd().replace(/\n/g, '\n    ');
      yield `${isFirst ? '' : ','}\n    ${text}`;
      isFirst = false;
    }
    yield isFirst ? ']' : '\n  ]';
    before = ',\n';
  }
  yield '\n}\n';
}
