import { descendants, programOf } from '../../shell/script.ts';
import { namesVariable } from '../../shell/variables.ts';
import { keyVariables } from './aws-variables.ts';
import { runsRepository } from './job-programs.ts';
import { firstLine } from './obstacle.ts';
import type { Recipe } from './recipe.ts';
import type { Surroundings } from './surroundings.ts';

/** The command, program or file that reads the keys directly, which no SDK needs; undefined if there is none. */
export function keyReader({ last }: Recipe, { kept, repository }: Surroundings): string | undefined {
  for (const { command, effect, index } of kept) {
    // removes other keys before the recipe sets its own
    if (index < last.index && effect.touches.some(({ kind }) => kind === 'unset')) continue;
    if (readsKeys(command.text) || dumpsEnvironment(command.text)) return firstLine(command.text);
    const program = [...descendants(command.node)]
      .map(programOf)
      .find((name) => readsOnlyKeys.has(name ?? ''));
    if (program !== undefined) return program;
  }
  if (!runsRepository(kept)) return undefined;
  return [...keyVariables].map(repository.naming).find((file) => file !== undefined);
}

/** Does a text contain the name of a key, other than to set it? */
function readsKeys(text: string): boolean {
  const withoutWrites = text.replace(
    /\b(AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN))=/g,
    '=',
  );
  return [...keyVariables].some((name) => namesVariable(withoutWrites, name));
}

/** Programs that read keys from the environment, and do not support web identity. */
const readsOnlyKeys = new Set(['s3cmd', 's3fs', 'mc', 'gsutil']);

/** `env | grep ^AWS_`, `printenv > file`, `export -p >> file`: the output may include AWS's variables. */
function dumpsEnvironment(text: string): boolean {
  if (!/(^|[;&|(`]\s*)(env|printenv|export\s+-p|declare\s+-x|set)\s*([|>)]|\d?>|$)/m.test(text)) return false;
  if (!/[|>(]/.test(text)) return false;
  const pattern = /\bgrep\b([^|>]*)/.exec(text)?.[1];
  return pattern === undefined || /AWS|\bA\b|-v/i.test(pattern);
}
