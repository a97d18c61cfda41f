import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle.ts';

/** The folder with the shell of the templates. */
export const shellFolder = 'src/templates/shell';

/** The inputs in the shell files, by their placeholders, which are valid names in a shell. */
const inputs: Readonly<Record<string, string>> = {
  __env_prefix__: '$[[ inputs.env_prefix ]]',
  __job_name__: '$[[ inputs.job_name ]]',
  __keep_alive__: '$[[ inputs.keep_alive ]]',
};

/** A line that stands for a shell file, and names the program that the file unpacks or runs, if any. */
const shellLine = /^( *)# shell: ([\w-]+\.(?:sh|ps1))(?: ([\w-]+\.mjs))?\n/gm;

/**
 * Replaces each line `# shell: NAME` or `# shell: NAME PROGRAM` with that shell file, with the indentation of the
 * line. The files may include others.
 *
 * @param payloads the programs as text, by file name
 * @param values what the placeholders of inputs become
 * @throws {Error} if a file or a program does not exist
 */
export function withShell(
  text: string,
  payloads: ReadonlyMap<string, string> = new Map(),
  values = inputs,
): string {
  return replaced(
    text.replace(shellLine, (_, indent: string, name: string, program?: string) => {
      const shell = withShell(readFileSync(join(root, shellFolder, name), 'utf8'), payloads, values);
      return indented(program === undefined ? shell : withProgram(shell, program, payloads), indent);
    }),
    values,
  );
}

/** The programs that a template carries, in order. */
export function programsIn(template: string): readonly string[] {
  return [...new Set([...template.matchAll(shellLine)].flatMap(([, , , program]) => program ?? []))];
}

function withProgram(shell: string, program: string, payloads: ReadonlyMap<string, string>): string {
  const payload = payloads.get(program);
  if (payload === undefined) throw new Error(`there is no program ${program}`);
  return replaced(shell, { __program__: program, __payload__: payload });
}

function replaced(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((result, [name, value]) => result.replaceAll(name, () => value), text);
}

function indented(text: string, indent: string): string {
  return text.replace(/^(?=.)/gm, indent);
}
