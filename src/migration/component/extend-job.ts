import { isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Edit } from '../edit.ts';
import { insertPair } from '../insert-pair.ts';
import { type Located, textsOf } from '../located.ts';
import { keyText, type PipelineFile, resolveAlias } from '../pipeline-file.ts';
import type { Project } from '../project.ts';
import { quoted } from './component-include.ts';

/**
 * Makes a job extend the component's hidden job, which has the token and the variables.
 *
 * @returns undefined if the job is written in a form that cannot be extended
 */
export function extendJob(
  { node, file }: Located<YAMLMap>,
  hiddenJob: string,
  project: Project,
  job: string,
): Edit | undefined {
  const existing = (node.items as Pair<Node, Node | null>[]).find(({ key }) => keyText(key) === 'extends');
  if (existing?.value) {
    const value = resolveAlias(existing.value, file) as Node;
    // first, so that the jobs that it already extends take precedence
    const all = [hiddenJob, ...textsOf({ node: value, file })];
    if (isSeq(existing.value)) return prependItem(existing.value, file, hiddenJob);
    const [start = 0, end = 0] = existing.value.range ?? [];
    return isScalar(value) ? { start, end, text: inFlow(all) } : undefined;
  }
  const inherited = project.effective(job).get('extends')?.at(-1);
  const all = [hiddenJob, ...(inherited === undefined ? [] : textsOf(inherited))];
  const value = all.length === 1 ? quoted(hiddenJob) : inFlow(all);
  return insertPair({ node, file }, (indent) => [`${indent}extends: ${value}`], `extends: ${value}`);
}

const inFlow = (names: readonly string[]) => `[${names.map(quoted).join(', ')}]`;

function prependItem(node: YAMLSeq, file: PipelineFile, text: string): Edit {
  const start = node.range?.[0] ?? 0;
  if (node.flow) return { start: start + 1, end: start + 1, text: `${quoted(text)}, ` };
  const lineStart = file.text.lastIndexOf('\n', start) + 1;
  const indent = file.text.slice(lineStart, start);
  return { start, end: start, text: `- ${quoted(text)}${file.newline}${indent}` };
}
