import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { TextError } from '../text/text-error.ts';
import type { Entry, Source } from './source.ts';

/** Limits the recursion of the parser; policies have four or five levels, Terraform plans a few more. */
const maxDepth = 200;

/** The details of all roles of an account take some megabytes. */
const maxCharacters = 20_000_000;

/**
 * Reads JSON (RFC 8259) with the offset of each value; comments are skipped.
 *
 * @throws {TextError} if the text is not JSON, too long, or nested too deeply
 */
export function readJson(text: string): Source {
  if (text.length > maxCharacters) throw new TextError(`longer than ${maxCharacters} characters`, 0);
  checkDepth(text);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: false, allowTrailingComma: false });
  const [first] = errors;
  if (first !== undefined) throw new TextError(`invalid JSON: ${inWords(first)}`, first.offset);
  if (root === undefined) throw new TextError('invalid JSON: the text is empty', 0);
  return convert(root);
}

/** Checks the nesting in a single pass, in linear time. */
function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (inString && character === '\\') at++;
    else if (character === '"') inString = !inString;
    else if (!inString && '[{'.includes(character)) depth++;
    else if (!inString && ']}'.includes(character)) depth--;
    if (depth > maxDepth) throw new TextError(`nested deeper than ${maxDepth} levels`, at);
  }
}

/** `PropertyNameExpected` → `property name expected` */
function inWords({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}

function convert(node: Node): Source {
  const { offset, children = [] } = node;
  if (node.type === 'object') return { kind: 'object', entries: children.flatMap(convertEntry), offset };
  if (node.type === 'array') return { kind: 'array', items: children.map(convert), offset };
  return { kind: 'scalar', value: node.value, offset };
}

function convertEntry({ offset, children = [] }: Node): readonly Entry[] {
  const [key, value] = children;
  return key && value ? [{ key: String(key.value), offset, value: convert(value) }] : [];
}
