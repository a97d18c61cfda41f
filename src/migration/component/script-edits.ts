import { type Alias, type Scalar, visit } from 'yaml';
import type { ShellCommand } from '../../shell/script.ts';
import type { Edit } from '../edit.ts';
import type { PipelineFile } from '../pipeline-file.ts';
import type { ScriptItem } from '../recipe/job-script.ts';
import { hasCommands, remaining } from './remaining-text.ts';
import type { Holder } from './script-holder.ts';
import { itemText, replaceItem, replaceValue } from './script-item.ts';

/**
 * Removes commands from a script's text.
 *
 * @param put the item that replaces the last of them; undefined if it is in another text
 * @returns undefined if the text is written in a form that cannot be edited
 */
export function cutScript(
  { scalar, commands = [] }: ScriptItem,
  gone: ReadonlySet<ShellCommand>,
  put: { readonly item: string; readonly behind: ShellCommand } | undefined,
  holder: Holder,
): Edit | undefined {
  const { node, file } = scalar;
  const parts = remaining(node.value, commands, gone, put?.behind);
  if (parts === undefined) return undefined;
  const [before, after = ''] = parts;
  const texts = [before, after].filter(hasCommands);
  // an alias can be replaced by one item only: see aliasEdits
  if (aliasesOf(node, file).length > 0 && (texts.length > 0 || put === undefined)) return undefined;
  const items = [
    ...(hasCommands(before) ? [itemText(before)] : []),
    ...(put === undefined ? [] : [put.item]),
    ...(hasCommands(after) ? [itemText(after)] : []),
  ];
  return 'pair' in holder
    ? replaceValue(holder.pair, items, file)
    : replaceItem(holder.list, node, items, file);
}

/** Replaces the aliases of a text, too, because GitLab does not support an anchor on `!reference`. */
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
