import { isMap, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { lineStart } from '../../text/place.ts';
import { aboveComments, type Edit } from '../edit.ts';
import { insertPair, stepOf } from '../insert-pair.ts';
import { type Located, membersOf } from '../located.ts';
import { keyText, type PipelineFile, resolveAlias } from '../pipeline-file.ts';
import { isReference, type Token } from './declared-tokens.ts';

/**
 * Declares tokens in a mapping (a job, or `default`): in its `id_tokens`, or in a new one at its beginning.
 *
 * @returns undefined if the mapping is written in a form that cannot be extended
 */
export function insertTokens({ node, file }: Located<YAMLMap>, tokens: readonly Token[]): Edit | undefined {
  const existing = (node.items as Pair<Node, Node | null>[]).find(({ key }) => keyText(key) === 'id_tokens');
  const inFlow = tokens.map(({ name, audience }) => `${name}: { aud: ${written(audience)} }`).join(', ');
  if (existing === undefined) {
    return insertPair(
      { node, file },
      (indent, step) => tokenLines(tokens, indent, step),
      `id_tokens: { ${inFlow} }`,
    );
  }
  const declared = resolveAlias(existing.value, file);
  if (isReference(existing.value)) return besideReference(existing.key, existing.value, file, tokens);
  // a merge key after it would override it
  const counts = membersOf({ node, file }).get('id_tokens')?.node === declared;
  if (!isMap(declared) || !counts) return undefined;
  return insertPair({ node: declared, file }, (indent, step) => entryLines(tokens, indent, step), inFlow);
}

/** No token can be added to `id_tokens: !reference […]`: each of its tokens becomes a reference, then the new ones follow. */
function besideReference(
  key: Node,
  reference: YAMLSeq<Node>,
  file: PipelineFile,
  tokens: readonly Token[],
): Edit | undefined {
  const [keyStart = 0, keyEnd = 0] = key.range ?? [];
  const indent = file.text.slice(lineStart(file.text, keyStart), keyStart);
  if (/\S/.test(indent)) return undefined;
  const step = stepOf(file);
  const path = reference.items.map((item) => file.text.slice(item.range?.[0], item.range?.[1])).join(', ');
  const lines = tokens.flatMap((token) =>
    token.isReferenced === true
      ? [`${indent}${step}${token.name}: !reference [${path}, ${token.name}]`]
      : entryLines([token], indent + step, step),
  );
  const start = file.text.indexOf(':', keyEnd) + 1;
  return { start, end: reference.range?.[1] ?? start, text: file.newline + lines.join(file.newline) };
}

/** Inserts a `default` with tokens above a top-level entry of the file. */
export function newDefault(above: Pair, file: PipelineFile, tokens: readonly Token[]): Edit {
  const at = aboveComments(file.text, (above.key as Node).range?.[0] ?? 0, '');
  const step = stepOf(file);
  const lines = ['default:', ...tokenLines(tokens, step, step), ''];
  return { start: at, end: at, text: lines.map((line) => line + file.newline).join('') };
}

function tokenLines(tokens: readonly Token[], indent: string, step: string): readonly string[] {
  return [`${indent}id_tokens:`, ...entryLines(tokens, indent + step, step)];
}

function entryLines(tokens: readonly Token[], indent: string, step: string): readonly string[] {
  return tokens.flatMap(({ name, audience }) => [
    `${indent}${name}:`,
    `${indent}${step}aud: ${written(audience)}`,
  ]);
}

function written(audience: Token['audience']): string {
  const [first = '', ...others] = [audience].flat();
  return others.length === 0 ? scalar(first) : `[${[first, ...others].map(scalar).join(', ')}]`;
}

/** A plain scalar if YAML reads it back unchanged, otherwise a quoted one. */
function scalar(text: string): string {
  return /^[\w$./:@-]+$/.test(text) && !/^[\d:.-]|:$/.test(text) ? text : JSON.stringify(text);
}
