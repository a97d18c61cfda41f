/**
 * Makes text from outside (a branch name, a claim, a server's response) safe to print on one line:
 * control characters, line breaks, bidirectional marks and lone surrogates become visible escapes,
 * so that nobody can forge lines, colors or section marks in a job log. Cut to `maxLength` characters.
 */
export function printable(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return `\\u{${code}}`;
  });
}
