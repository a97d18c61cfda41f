import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle.ts';

/** Where the shell of the templates is. */
export const shellFolder = 'src/templates/shell';

/** What GitLab puts into a template, by the names that stand for it in the shell: names that shells can read. */
const inputs: Readonly<Record<string, string>> = {
  __env_prefix__: '$[[ inputs.env_prefix ]]',
  __job_name__: '$[[ inputs.job_name ]]',
};

/**
 * Puts files of shell into a text, each in place of a line `# shell: NAME`, indented as that line is. The
 * files may name others.
 *
 * @param values what else stands for names in the shell: `__program__`, `__payload__`
 * @throws {Error} for a file that does not exist
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
