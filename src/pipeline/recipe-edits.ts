import { isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { quoted } from './component-include.ts';
import type { Edit } from './edit.ts';
import type { FoundRecipe } from './found-recipe.ts';
import { insertPair } from './id-token-entry.ts';
import { keyText, type PipelineFile, resolveAlias } from './pipeline-file.ts';
import { type Located, type Project, textsOf } from './project.ts';

/** One line in the place of the recipe's lines; comments between them stay. */
export function replaceItems({ list, items }: FoundRecipe, hiddenJob: string): readonly Edit[] {
  const { text, newline } = list.file;
  const reference = `!reference [${hiddenJob}, before_script]`;
  return items.map((item, index) => {
    const [start = 0, valueEnd = 0] = item.range ?? [];
    const lineStart = text.lastIndexOf('\n', start) + 1;
    const dash = text.slice(0, start).lastIndexOf('-');
    const from = Math.min(lineStart, text.lastIndexOf('\n', dash) + 1);
    const lineEnd = text.indexOf('\n', Math.max(valueEnd - 1, start));
    const end = lineEnd < 0 ? text.length : lineEnd + 1;
    const indent = text.slice(from, dash);
    const ending = lineEnd < 0 ? '' : newline;
    return { start: from, end, text: index === 0 ? `${indent}- ${reference}${ending}` : '' };
  });
}

/** Lets a job take token and variables from the component's hidden job. */
export function extendJob(
  { node, file }: Located<YAMLMap>,
  hiddenJob: string,
  project: Project,
  job: string,
): readonly Edit[] {
  const edits: Edit[] = [];
  const existing = (node.items as Pair<Node, Node | null>[]).find(({ key }) => keyText(key) === 'extends');
  const inherited = project.effective(job).get('extends')?.at(-1);
  if (existing?.value) {
    const value = resolveAlias(existing.value, file) as Node;
    const [start = 0, end = 0] = existing.value.range ?? [];
    // first, so that what the job extended before still wins
    const all = [hiddenJob, ...textsOf({ node: value, file })];
    if (isScalar(existing.value)) edits.push({ start, end, text: `[${all.map(quoted).join(', ')}]` });
    else if (isSeq(existing.value)) edits.push(prependItem(existing.value, file, hiddenJob));
  } else {
    const all = [hiddenJob, ...(inherited === undefined ? [] : textsOf(inherited))];
    const value = all.length === 1 ? quoted(hiddenJob) : `[${all.map(quoted).join(', ')}]`;
    const edit = insertPair({ node, file }, (indent) => [`${indent}extends: ${value}`], `extends: ${value}`);
    if (edit !== undefined) edits.push(edit);
  }
  // the recipe's place has the hidden job's script already
  if (!project.effective(job).has('before_script')) {
    const edit = insertPair({ node, file }, (indent) => [`${indent}before_script: []`], 'before_script: []');
    if (edit !== undefined) edits.push(edit);
  }
  return joined(edits);
}

/** Two insertions at one place are one edit. */
function joined(edits: readonly Edit[]): readonly Edit[] {
  const [first, second] = edits;
  if (first === undefined || second === undefined || first.start !== second.start || first.end !== second.end)
    return edits;
  return [{ ...first, text: first.text + second.text }];
}

function prependItem(node: YAMLSeq, file: PipelineFile, text: string): Edit {
  const start = node.range?.[0] ?? 0;
  if (node.flow) return { start: start + 1, end: start + 1, text: `${quoted(text)}, ` };
  const lineStart = file.text.lastIndexOf('\n', start) + 1;
  const indent = file.text.slice(lineStart, start);
  return { start, end: start, text: `- ${quoted(text)}${file.newline}${indent}` };
}
