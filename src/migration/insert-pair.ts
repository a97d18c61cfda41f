import { isMap, type Node, type Pair, type YAMLMap } from 'yaml';
import { lineStart } from '../text/place.ts';
import { aboveComments, type Edit } from './edit.ts';
import type { Located } from './located.ts';
import { keyText, type PipelineFile } from './pipeline-file.ts';

/**
 * Inserts a pair at the beginning of a mapping, in the mapping's own style; after merge keys, because in
 * GitLab their keys override those before them.
 *
 * @param lines the pair in block style
 * @param inFlow the pair in flow style
 * @returns undefined if the mapping is written in a form that cannot be extended
 */
export function insertPair(
  { node, file }: Located<YAMLMap>,
  lines: (indent: string, step: string) => readonly string[],
  inFlow: string,
): Edit | undefined {
  const items = node.items as Pair<Node, Node | null>[];
  const merge = items.findLast(({ key }) => keyText(key) === '<<');
  const [first] = items;
  const start = node.range?.[0] ?? 0;
  if (node.flow) {
    const behind = merge?.value?.range?.[1];
    if (behind !== undefined) return { start: behind, end: behind, text: `, ${inFlow}` };
    const inner = first === undefined ? ` ${inFlow} ` : ` ${inFlow},`;
    return { start: start + 1, end: start + 1, text: inner };
  }
  const at = first?.key.range?.[0];
  if (at === undefined) return undefined;
  const line = lineStart(file.text, at);
  const indent = file.text.slice(line, at);
  if (/\S/.test(indent)) return undefined;
  const own = lines(indent, stepOf(file));
  if (merge !== undefined) return behindLine(merge.value?.range?.[1] ?? 0, own, file);
  // above the comments that belong to the first key
  const above = aboveComments(file.text, line, indent);
  return { start: above, end: above, text: own.map((one) => one + file.newline).join('') };
}

function behindLine(offset: number, lines: readonly string[], { text, newline }: PipelineFile): Edit {
  const found = text.indexOf('\n', Math.max(offset - 1, 0));
  if (found < 0)
    return { start: text.length, end: text.length, text: lines.map((one) => newline + one).join('') };
  return { start: found + 1, end: found + 1, text: lines.map((one) => one + newline).join('') };
}

/** The file's indentation: that of the first job. */
export function stepOf({ root, text }: PipelineFile): string {
  for (const { value } of root.items) {
    const at =
      isMap(value) && !value.flow ? (value.items[0] as Pair<Node> | undefined)?.key.range?.[0] : undefined;
    if (at === undefined) continue;
    const indent = text.slice(lineStart(text, at), at);
    if (/^ +$/.test(indent)) return indent;
  }
  return '  ';
}
