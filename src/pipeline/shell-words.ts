/** A word of a shell command, as far as it is known without running it. */
export interface ShellWord {
  /** Quotes taken away. */
  readonly text: string;
  /** True where a command or arithmetic would have to be run to know it. */
  readonly computed: boolean;
}

/**
 * Splits a simple command into words: quotes, backslashes and `$(…)` are kept together.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_03
 *
 * @returns undefined where a quote or a parenthesis is not closed
 */
export function splitWords(command: string): readonly ShellWord[] | undefined {
  const words: ShellWord[] = [];
  let text = '';
  let [started, computed, depth] = [false, false, 0];
  let quote = '';
  for (let at = 0; at < command.length; at++) {
    const character = command[at] ?? '';
    if (depth === 0 && quote === '' && /\s/.test(character)) {
      if (started) words.push({ text, computed });
      [text, started, computed] = ['', false, false];
      continue;
    }
    started = true;
    if (quote !== "'" && character === '\\') {
      text += command[++at] ?? '';
    } else if (quote !== "'" && (command.startsWith('$(', at) || character === '`')) {
      computed = true;
      text += character;
      if (character === '$') {
        depth++;
        text += command[++at] ?? '';
      }
    } else if (depth > 0) {
      if (character === '(') depth++;
      if (character === ')') depth--;
      text += character;
    } else if (character === quote) quote = '';
    else if (quote === '' && /['"]/.test(character)) quote = character;
    else text += character;
  }
  if (quote !== '' || depth > 0) return undefined;
  return started ? [...words, { text, computed }] : words;
}

/** The commands of a script, one a line; lines that end with a backslash go on. */
export function commandsOf(script: string): readonly string[] {
  return script
    .replace(/\\\r?\n\s*/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
