import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle.ts';

/** The folder with the shell of the templates. */
export const shellFolder = 'src/templates/shell';

/** The inputs in the shell files, by their placeholders, which are valid names in a shell. */
const inputs: Readonly<Record<string, string>> = {
  __env_prefix__: '$[[ inputs.env_prefix ]]',
  __job_name__: '$[[ inputs.job_name ]]',
};

/**
 * Replaces each line `# shell: NAME` with that shell file, with the indentation of the line. The files may
 * include others.
 *
 * @param values the values of further placeholders: `__program__`, `__payload__`
 * @throws {Error} if a file does not exist
 */
export function withShell(text: string, values: Readonly<Record<string, string>> = {}): string {
  const composed = text.replace(/^( *)# shell: ([\w-]+\.sh)\n/gm, (_, indent: string, name: string) =>
    indented(withShell(readFileSync(join(root, shellFolder, name), 'utf8'), values), indent),
  );
  return Object.entries({ ...inputs, ...values }).reduce(
    (result, [name, value]) => result.replaceAll(name, () => value),
    composed,
  );
}

function indented(text: string, indent: string): string {
  return text.replace(/^(?=.)/gm, indent);
}
