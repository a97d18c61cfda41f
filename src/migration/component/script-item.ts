import { type Node, type Pair, parseDocument, type Scalar, type YAMLSeq } from 'yaml';
import { lineStart } from '../../text/place.ts';
import type { Edit } from '../edit.ts';
import type { PipelineFile } from '../pipeline-file.ts';

/** A script as an item of a list, without the indentation of the list. */
export function itemText(text: string): string {
  if (text.includes('\n'))
    return ['|', ...text.split('\n').map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return [text, quoted].find((one) => readsAs(one, text)) ?? JSON.stringify(text);
}

function readsAs(written: string, text: string): boolean {
  const document = parseDocument(`- ${written}\n`);
  return document.errors.length === 0 && (document.toJS() as unknown[])[0] === text;
}

/**
 * Replaces an item of a list with other items, or removes it.
 *
 * @returns undefined if the list is written in a form that cannot be edited
 */
export function replaceItem(
  list: YAMLSeq<Node>,
  node: Scalar,
  items: readonly string[],
  file: PipelineFile,
): Edit | undefined {
  const { text, newline } = file;
  if (list.flow) return undefined;
  const [start = 0, valueEnd = 0] = node.range ?? [];
  const first = lineStart(text, start);
  // an anchor or a tag may be between the dash and the text
  const dash = text.lastIndexOf('-', propertiesStart(text, start));
  const from = Math.min(first, lineStart(text, dash));
  const indent = text.slice(from, dash);
  if (/\S/.test(indent)) return undefined;
  const lineEnd = text.indexOf('\n', Math.max(valueEnd - 1, start));
  const end = lineEnd < 0 ? text.length : lineEnd + 1;
  const ending = lineEnd < 0 ? '' : newline;
  const lines = items.map((item) => blockItem(item, indent, newline)).join(newline);
  return { start: from, end, text: lines + (items.length === 0 ? '' : ending) };
}

function propertiesStart(text: string, start: number): number {
  const line = text.slice(lineStart(text, start), start);
  return start - (/((?:[&!]\S*[ \t]+)*)$/.exec(line)?.[0].length ?? 0);
}

function blockItem(item: string, indent: string, newline: string): string {
  return `${indent}- ${item.replaceAll('\n', `\n${indent}  `).replace(/^ +$/gm, '').replaceAll('\n', newline)}`;
}

/**
 * Replaces a script that is a single text with a list.
 *
 * @returns undefined if it is written in a form that cannot be edited
 */
export function replaceValue(
  { key, value }: Pair<Node, Node>,
  items: readonly string[],
  file: PipelineFile,
): Edit | undefined {
  const { text, newline } = file;
  const [keyStart = 0, keyEnd = 0] = key.range ?? [];
  const indent = text.slice(lineStart(text, keyStart), keyStart);
  if (items.length === 0 || value === null || /\S/.test(indent) || (value as Scalar).anchor !== undefined)
    return undefined;
  const [start = 0, valueEnd = 0] = value.range ?? [];
  const colon = text.indexOf(':', keyEnd) + 1;
  const isBlock = /^[|>]/.test(text.slice(start, start + 1));
  const end = isBlock ? start + text.slice(start, valueEnd).trimEnd().length : valueEnd;
  const lines = items.map((item) => blockItem(item, `${indent}  `, newline));
  return { start: colon, end, text: newline + lines.join(newline) };
}
