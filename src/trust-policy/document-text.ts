import { bracesIn } from '../text/braces.ts';
import { TextError } from '../text/text-error.ts';
import { readJson } from './json-source.ts';
import type { Source } from './source.ts';
import { readYaml } from './yaml-source.ts';

/**
 * Reads the text of a file, or text that was copied from a command or a web page.
 *
 * @throws {TextError} if it is neither JSON nor YAML, or contains no policy
 */
export function readDocument(text: string): Source {
  if (/^\s*%7B/i.test(text)) return readJson(decoded(text.trim()));
  if (startsAsJson(text)) return readJson(text.replace(/^\uFEFF/, ' '));
  const pasted = pastedPolicy(text);
  if (pasted !== undefined) return pasted;
  if (/^[ \t]*(resource|data|module|locals)[ \t]+["{]/m.test(text)) throw hclRefused();
  // the YAML parser is slow
  if (text.length > 100_000 && !/AssumeRolePolicyDocument|Statement/.test(text)) throw noPolicy();
  return readYaml(text);
}

/** Does it begin with JSON, possibly after comments? */
function startsAsJson(text: string): boolean {
  let at = 0;
  for (;;) {
    while (/[\s\uFEFF]/.test(text.charAt(at))) at++;
    const [end, length] = text.startsWith('//', at) ? ['\n', 1] : text.startsWith('/*', at) ? ['*/', 2] : [];
    if (end === undefined || length === undefined) return '{['.includes(text.charAt(at) || ' ');
    const found = text.indexOf(end, at + 2);
    if (found < 0) return false;
    at = found + length;
  }
}

/** A copied policy: as a JSON string, in shell quotes, or in a command. */
function pastedPolicy(text: string): Source | undefined {
  const trimmed = text.trim();
  const string = trimmed.startsWith('"') ? stringIn(trimmed) : undefined;
  if (string !== undefined && startsAsJson(string)) return readJson(string);
  if (!/^['`]|--(?:assume-role-)?policy-document/.test(trimmed)) return undefined;
  const found = bracesIn(text).find((one) => /"Statement"|"Effect"/.test(one.text));
  // spaces replace the text before it, to keep the offsets
  return found && readJson(' '.repeat(found.offset) + found.text);
}

function stringIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw noPolicy();
  }
}

function hclRefused(): TextError {
  return new TextError(
    'HCL is not supported: use the output of "terraform show -json" for a plan or the state',
    0,
  );
}

export function noPolicy(): TextError {
  return new TextError('no trust policy found: expected a policy, or a role, template or plan with one', 0);
}
