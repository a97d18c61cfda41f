import { answer, hasAnswer, type KnownText, tokenVariable, unknown } from './known-text.ts';

/** Programs that only transform their input and arguments into another text. */
const filters = new Set(
  'jq yq cut awk gawk sed tr grep egrep fgrep head tail xargs python python3 node ruby perl php base64 column paste sort uniq rev tac wc expand'.split(
    ' ',
  ),
);

/** These leave a token of one line unchanged. */
const keepsLine = new Set(['tr', 'xargs', 'head', 'tail']);

/** Programs with unknown output and no side effects. */
const harmless = new Set(
  'date whoami id uname hostname basename dirname realpath readlink git uuidgen ls test seq'.split(' '),
);

export const isFilter = (program: string): boolean => filters.has(program);
export const isHarmless = (program: string): boolean => harmless.has(program);

/**
 * The output of a filter.
 *
 * @param texts everything that it reads: input, arguments, files
 * @param code the words of the command
 */
export function filtered(
  program: string,
  texts: readonly KnownText[],
  input: KnownText,
  code: string,
): KnownText {
  if (texts.some(hasAnswer)) {
    // code with assignments prints a script of assignments, or a part of one
    const names = code.match(/\b(export\s+)?[A-Z][A-Z0-9_]+=/g) ?? [];
    return names.length === 0 ? answer : names.map((name) => name + answer).join('\n');
  }
  return tokenVariable(input) !== undefined && keepsLine.has(program) ? input : unknown;
}

/** The output of `echo`. */
export function echoed(args: readonly KnownText[]): KnownText {
  const options = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
  const words = options < 0 ? [] : args.slice(options);
  const text = words.join(' ');
  return args.slice(0, Math.max(options, 0)).join('').includes('e') ? unescaped(text) : `${text}\n`;
}

function unescaped(text: string): string {
  return text.replace(/\\n/g, '\n').replace(/\\t/g, '\t');
}

/** The output of `printf`, which repeats its format while there are arguments left. */
export function formatted([format = '', ...args]: readonly KnownText[]): KnownText {
  const places = format.match(/%[sbq]/g)?.length ?? 0;
  // the shell may split one word into several: $(aws … --output text)
  const values =
    places > args.length && args.some(hasAnswer) ? Array<string>(places).fill(answer) : [...args];
  let text = '';
  do {
    text += unescaped(format).replace(/%[sbq]/g, () => values.shift() ?? '');
  } while (places > 0 && values.length > 0);
  return text;
}
