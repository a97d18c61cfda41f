import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { lineStart } from '../text/place.ts';
import { aboveComments, type Edit } from './edit.ts';
import { keyText, type PipelineFile } from './pipeline-file.ts';

/**
 * Adds entries to the `include` of a file, in any of its forms.
 *
 * @param entries the lines of the entries, without the indentation of the list
 */
export function includeEdit(file: PipelineFile, entries: readonly string[]): Edit {
  const pair = file.root.items.find(({ key }) => keyText(key) === 'include');
  const { newline, text } = file;
  const block = (indent: string) => entries.map((line) => `${indent}${line}${newline}`).join('');
  if (pair === undefined) {
    const start = aboveComments(file.text, file.root.items[0]?.key.range?.[0] ?? 0, '');
    return { start, end: start, text: `include:${newline}${block('  ')}${newline}` };
  }
  const value = pair.value;
  const colon = text.indexOf(':', pair.key.range?.[1] ?? 0) + 1;
  if (value === null || (isScalar(value) && value.value === null)) {
    return { start: colon, end: colon, text: `${newline}${block('  ').slice(0, -newline.length)}` };
  }
  const [start = 0, valueEnd = 0] = value.range ?? [];
  const end = start + text.slice(start, valueEnd).trimEnd().length;
  if (isSeq(value) && !value.flow) {
    const line = lineStart(text, start);
    return { start: line, end: line, text: block(text.slice(line, start)) };
  }
  const others = isSeq(value)
    ? value.items.map((item) => written(item as Node, file))
    : [written(value, file)];
  const list = others.map((other) => `  - ${other}`).join(newline);
  return { start: colon, end, text: `${newline}${block('  ')}${list}` };
}

/** The source text of a value, indented for an item of a list. */
function written(node: Node, { text }: PipelineFile): string {
  const [start = 0, end = 0] = node.range ?? [];
  const indent = text.slice(lineStart(text, start), start);
  const source = text.slice(start, end).trimEnd();
  return /^ +$/.test(indent) && isMap(node) ? source.replaceAll(`\n${indent}`, '\n    ') : source;
}
