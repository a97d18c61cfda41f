import type { SyntaxNode } from 'unbash';
import { descendants, literal, programOf } from './script.ts';

/** The variables that a command expands anywhere: `$NAME`, `${NAME…}`, in arithmetic, in here-documents. */
export function variablesRead(node: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const one of descendants(node)) {
    if (one.type === 'SimpleExpansion') names.add(one.text.slice(1));
    if (one.type === 'ParameterExpansion') names.add(one.parameter);
    if (one.type === 'ArithmeticWord')
      for (const name of one.value.match(/[A-Za-z_]\w*/g) ?? []) names.add(name);
  }
  return names;
}

/** The variables that a command may set, in any branch or loop. */
export function variablesSet(node: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const one of descendants(node)) {
    if (one.type === 'Assignment') names.add(one.name);
    if (one.type === 'For' || one.type === 'Select') names.add(one.name.value);
    if (
      one.type === 'ParameterExpansion' &&
      one.operation?.type === 'Default' &&
      /=/.test(one.operation.operator)
    )
      names.add(one.parameter);
    if (one.type === 'Command' && setters.has(programOf(one) ?? '')) {
      for (const word of one.args) {
        const name = word.type === 'Word' ? literal(word) : word.name;
        if (name !== undefined && /^[A-Za-z_]\w*$/.test(name)) names.add(name);
      }
    }
  }
  return names;
}

const setters = new Set(['read', 'mapfile', 'readarray', 'getopts', 'printf', 'unset', 'local', 'declare']);

/** Can a command set variables from text that is not in the script: `eval`, `source`, `.`, or `export $(…)`? */
export function runsUnseenText(node: SyntaxNode): boolean {
  for (const one of descendants(node)) {
    const program = programOf(one);
    if (program === 'eval' || program === 'source' || program === '.') return true;
    if (program === 'export' && one.type === 'Command') {
      if (one.args.some((word) => word.type === 'Word' && literal(word) === undefined)) return true;
    }
  }
  return false;
}

/** Does a text contain the name of a variable, with or without a dollar sign? */
export function namesVariable(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${name.replace(/[^\w]/g, '\\$&')}(?![\\w])`).test(text);
}
