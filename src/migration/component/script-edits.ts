import {
  type Alias,
  isCollection,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLSeq,
} from 'yaml';
import { lineStart } from '../../text/place.ts';
import type { Edit } from '../edit.ts';
import type { PipelineFile } from '../pipeline-file.ts';
import type { ScriptItem } from '../recipe/job-script.ts';
import type { Step } from '../recipe/reading.ts';

/** Where a script's text stands: in a list, or by itself behind its key. */
type Holder = { readonly list: YAMLSeq<Node> } | { readonly pair: Pair<Node, Node> };

const known = new WeakMap<PipelineFile, ReadonlyMap<Scalar, Holder>>();

/** The parents of scripts in a file. */
export function holdersIn(file: PipelineFile): ReadonlyMap<Scalar, Holder> {
  const holders = known.get(file) ?? findHolders(file);
  known.set(file, holders);
  return holders;
}

function findHolders(file: PipelineFile): ReadonlyMap<Scalar, Holder> {
  const holders = new Map<Scalar, Holder>();
  const collect = (node: unknown): void => {
    if (isSeq<Node>(node))
      for (const item of node.items) if (isScalar(item)) holders.set(item, { list: node });
    if (isPair<Node, Node>(node) && isScalar(node.value)) holders.set(node.value, { pair: node });
    for (const child of isCollection(node) ? node.items : isPair(node) ? [node.value] : []) collect(child);
  };
  collect(file.root);
  return holders;
}

/**
 * Takes commands out of a script's text, and puts an item in their place.
 *
 * @param put what stands where the last of them was; undefined where nothing does
 * @returns undefined where the text is written in a way that it cannot be cut
 */
export function cutScript(
  { scalar, commands = [] }: ScriptItem,
  gone: ReadonlySet<Step['command']>,
  put: { readonly item: string; readonly behind: Step['command'] } | undefined,
  holder: Holder,
): Edit | undefined {
  const { node, file } = scalar;
  const parts = remaining(node.value, commands, gone, put?.behind);
  if (parts === undefined) return undefined;
  const [before, after = ''] = parts;
  const texts = [before, after].filter(hasCommands);
  // aliases need one item to stand for: see aliasEdits
  if (aliasesOf(node, file).length > 0 && (texts.length > 0 || put === undefined)) return undefined;
  const items = [
    ...(hasCommands(before) ? [itemText(before)] : []),
    ...(put === undefined ? [] : [put.item]),
    ...(hasCommands(after) ? [itemText(after)] : []),
  ];
  return 'pair' in holder ? inPair(holder.pair, items, file) : inList(holder.list, node, items, file);
}

/** Puts an item in the place of a text's aliases, too: GitLab knows no anchor on `!reference`. */
export function aliasEdits({ scalar: { node, file } }: ScriptItem, item: string): readonly Edit[] {
  return aliasesOf(node, file).map(({ range }) => {
    const [start = 0, end = 0] = range ?? [];
    return { start, end, text: item };
  });
}

function aliasesOf({ anchor }: Scalar, { root }: PipelineFile): readonly Alias[] {
  if (anchor === undefined) return [];
  const aliases: Alias[] = [];
  visit(root, {
    Alias(_, alias) {
      if (alias.source === anchor) aliases.push(alias);
    },
  });
  return aliases;
}

/** Does a text hold more than comments? */
function hasCommands(text: string): boolean {
  return text.split('\n').some((line) => !/^\s*(#|$)/.test(line));
}

/** What stays of a text, before and behind one of the commands that go. */
function remaining(
  text: string,
  commands: readonly Step['command'][],
  gone: ReadonlySet<Step['command']>,
  behind: Step['command'] | undefined,
): readonly [before: string, after: string] | undefined {
  const parts = ['', ''];
  let [at, part] = [0, 0];
  for (const { statement } of commands.filter(
    (one, index) => commands[index - 1]?.statement !== one.statement,
  )) {
    const own = commands.filter((one) => one.statement === statement);
    const isGone = own.every((one) => gone.has(one));
    if (!isGone && own.some((one) => gone.has(one)) && own.some(({ end }) => end > statement.end))
      return undefined;
    if (own.every((one) => !gone.has(one))) {
      parts[part] += text.slice(at, statement.end);
      at = statement.end;
      continue;
    }
    const gap = text.slice(at, statement.start);
    parts[part] += gap;
    for (const one of own) {
      if (one === behind) part = 1;
      else if (!gone.has(one)) parts[part] = joined(parts[part] ?? '', one.text);
    }
    at = behindSeparator(text, statement.end);
  }
  parts[part] += text.slice(at);
  const [before = '', after = ''] = parts;
  return [tidied(before), tidied(after)];
}

/** Commands of a chain stay a chain. */
function joined(text: string, command: string): string {
  return /(^|[\n;]\s*)$/.test(text) ? text + command : `${text} && ${command}`;
}

function behindSeparator(text: string, end: number): number {
  return end + (/^[ \t]*;?[ \t]*(#[^\n]*)?(\n|$)?/.exec(text.slice(end))?.[0].length ?? 0);
}

/** Without empty lines at both ends, nor separators that nothing follows. */
function tidied(text: string): string {
  return text
    .replace(/^(\s*\n|[ \t]*;)+/, '')
    .replace(/[\s;]+$/, '')
    .replace(/^[ \t]+(?=\S[^\n]*$)/, '');
}

/** A script as an item of a list; deeper lines are indented by whoever puts it in. */
function itemText(text: string): string {
  if (text.includes('\n'))
    return ['|', ...text.split('\n').map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return [text, quoted].find((one) => readsAs(one, text)) ?? JSON.stringify(text);
}

function readsAs(written: string, text: string): boolean {
  const document = parseDocument(`- ${written}\n`);
  return document.errors.length === 0 && (document.toJS() as unknown[])[0] === text;
}

/** The lines of an item in the place of those that it has. */
function inList(
  list: YAMLSeq<Node>,
  node: Scalar,
  items: readonly string[],
  file: PipelineFile,
): Edit | undefined {
  const { text, newline } = file;
  if (list.flow) return undefined;
  const [start = 0, valueEnd = 0] = node.range ?? [];
  const first = lineStart(text, start);
  // an anchor or a tag may stand between the dash and the text
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

/** A script that was one text becomes a list. */
function inPair(
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
