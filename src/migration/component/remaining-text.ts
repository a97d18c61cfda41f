import type { ShellCommand } from '../../shell/script.ts';

/** Does a text contain more than comments? */
export function hasCommands(text: string): boolean {
  return text.split('\n').some((line) => !/^\s*(#|$)/.test(line));
}

/**
 * What is left of a script's text when commands are removed.
 *
 * @param gone the commands to remove
 * @param behind the removed command at which the text is split; undefined for no split
 * @returns undefined if a command cannot be removed from its statement
 */
export function remaining(
  text: string,
  commands: readonly ShellCommand[],
  gone: ReadonlySet<ShellCommand>,
  behind: ShellCommand | undefined,
): readonly [before: string, after: string] | undefined {
  const parts = ['', ''];
  let [at, part] = [0, 0];
  for (const { statement } of commands.filter(
    (one, index) => commands[index - 1]?.statement !== one.statement,
  )) {
    const own = commands.filter((one) => one.statement === statement);
    const isGone = own.every((one) => gone.has(one));
    if (!isGone && own.some((one) => gone.has(one)) && own.some(({ end }) => end > statement.end))
      return undefined;
    if (own.every((one) => !gone.has(one))) {
      parts[part] += text.slice(at, statement.end);
      at = statement.end;
      continue;
    }
    const gap = text.slice(at, statement.start);
    parts[part] += gap;
    for (const one of own) {
      if (one === behind) part = 1;
      else if (!gone.has(one)) parts[part] = joined(parts[part] ?? '', one.text);
    }
    at = behindSeparator(text, statement.end);
  }
  parts[part] += text.slice(at);
  const [before = '', after = ''] = parts;
  return [tidied(before), tidied(after)];
}

/** Commands of a chain are still joined by `&&`. */
function joined(text: string, command: string): string {
  return /(^|[\n;]\s*)$/.test(text) ? text + command : `${text} && ${command}`;
}

function behindSeparator(text: string, end: number): number {
  return end + (/^[ \t]*;?[ \t]*(#[^\n]*)?(\n|$)?/.exec(text.slice(end))?.[0].length ?? 0);
}

/** Without empty lines at both ends, and without leading or trailing separators. */
function tidied(text: string): string {
  return text
    .replace(/^(\s*\n|[ \t]*;)+/, '')
    .replace(/[\s;]+$/, '')
    .replace(/^[ \t]+(?=\S[^\n]*$)/, '');
}
