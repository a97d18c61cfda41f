import { isMap, type Node, type Pair, type YAMLMap } from 'yaml';
import { lineStart } from '../text/place.ts';
import { aboveComments, type Edit } from './edit.ts';
import { keyText, type PipelineFile, resolveAlias } from './pipeline-file.ts';
import { type Effective, type Located, membersOf, textsOf } from './project.ts';

/** Tokens that a job has, with their audiences. */
export function declaredTokens(effective: Effective): ReadonlyMap<string, readonly string[]> {
  const tokens = new Map<string, readonly string[]>();
  for (const one of effective.get('id_tokens') ?? []) {
    if (!isMap(one.node)) continue;
    for (const [name, value] of membersOf(one as Located<YAMLMap>)) {
      const audience = isMap(value.node) ? membersOf(value as Located<YAMLMap>).get('aud') : undefined;
      tokens.set(name, audience === undefined ? [] : textsOf(audience));
    }
  }
  return tokens;
}

/** A token to declare. */
export interface Token {
  readonly name: string;
  readonly audience: string;
}

/**
 * Declares tokens in a mapping (a job, or `default`), at its beginning or in the `id_tokens` that it has.
 *
 * @returns undefined where the mapping is written in a way that nothing can be put into
 */
export function insertTokens({ node, file }: Located<YAMLMap>, tokens: readonly Token[]): Edit | undefined {
  const existing = (node.items as Pair<Node, Node | null>[]).find(({ key }) => keyText(key) === 'id_tokens');
  const inFlow = tokens.map(({ name, audience }) => `${name}: { aud: ${scalar(audience)} }`).join(', ');
  if (existing === undefined) {
    return insertPair(
      { node, file },
      (indent, step) => tokenLines(tokens, indent, step),
      `id_tokens: { ${inFlow} }`,
    );
  }
  const declared = resolveAlias(existing.value, file);
  if (!isMap(declared)) return undefined;
  return insertPair({ node: declared, file }, (indent, step) => entryLines(tokens, indent, step), inFlow);
}

/** A `default` with tokens, above an entry at the top of the file. */
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
    `${indent}${step}aud: ${scalar(audience)}`,
  ]);
}

/** Puts a pair before the others of a mapping, in the style that the mapping has. */
export function insertPair(
  { node, file }: Located<YAMLMap>,
  lines: (indent: string, step: string) => readonly string[],
  inFlow: string,
): Edit | undefined {
  const [first] = node.items as Pair<Node, Node | null>[];
  const start = node.range?.[0] ?? 0;
  if (node.flow) {
    const inner = first === undefined ? ` ${inFlow} ` : ` ${inFlow},`;
    return { start: start + 1, end: start + 1, text: inner };
  }
  const at = first?.key.range?.[0];
  if (at === undefined) return undefined;
  const line = lineStart(file.text, at);
  const indent = file.text.slice(line, at);
  if (/\S/.test(indent)) return undefined;
  // above the comments that belong to the first key
  const above = aboveComments(file.text, line, indent);
  const text = lines(indent, stepOf(file))
    .map((one) => one + file.newline)
    .join('');
  return { start: above, end: above, text };
}

/** How deep the author indents: as the first job is. */
function stepOf({ root, text }: PipelineFile): string {
  for (const { value } of root.items) {
    const at =
      isMap(value) && !value.flow ? (value.items[0] as Pair<Node> | undefined)?.key.range?.[0] : undefined;
    if (at === undefined) continue;
    const indent = text.slice(lineStart(text, at), at);
    if (/^ +$/.test(indent)) return indent;
  }
  return '  ';
}

/** A plain scalar where YAML reads it back as it is. */
export function scalar(text: string): string {
  return /^[\w$./:@-]+$/.test(text) && !/^[\d:.-]|:$/.test(text) ? text : JSON.stringify(text);
}
