import { isScalar, isSeq } from 'yaml';
import { type Located, memberOf, membersOf, textsOf } from './located.ts';
import type { Note } from './note.ts';
import { type PipelineFile, resolveAlias } from './pipeline-file.ts';

/** What a file includes: patterns from the root of the repository, and notes about includes that cannot be read. */
export interface Includes {
  /** Without a leading slash; may contain `*` and variables. */
  readonly local: readonly string[];
  readonly notes: readonly Note[];
}

/** https://docs.gitlab.com/ci/yaml/#include */
export function includesOf(file: PipelineFile): Includes {
  return readIncludes(membersOf({ node: file.root, file }).get('include'), file);
}

/**
 * The child pipelines that the jobs of a file trigger.
 * https://docs.gitlab.com/ci/pipelines/downstream_pipelines/#parent-child-pipelines
 */
export function childPipelinesOf(file: PipelineFile): readonly Includes[] {
  return [...membersOf({ node: file.root, file }).values()].flatMap((job) => {
    const include = memberOf(memberOf(job, 'trigger'), 'include');
    return include === undefined ? [] : [readIncludes(include, include.file)];
  });
}

function readIncludes(include: Located | undefined, file: PipelineFile): Includes {
  const nodes = isSeq(include?.node) ? include.node.items : [include?.node];
  const local: string[] = [];
  const notes: Note[] = [];
  for (const item of nodes) {
    const node = resolveAlias(item, file);
    const [path, what] = target(node, file);
    if (what !== undefined && ourComponent.test(what)) continue;
    if (path !== undefined) local.push(path.replace(/^\.?\/+/, ''));
    else if (what !== undefined) notes.push(unseen(file, node, what));
  }
  return { local, notes };
}

/** Components of this project, which do not need a migration. */
const ourComponent = /\/(assume-role|same-job|web-identity|diagnose)@/;

/** The path of a local file, or a description of another include. */
function target(
  node: unknown,
  file: PipelineFile,
): readonly [path: string | undefined, what: string | undefined] {
  if (isScalar(node) && typeof node.value === 'string') {
    return /^https?:/.test(node.value) ? [undefined, node.value] : [node.value, node.value];
  }
  const text = (key: string) => {
    const value = memberOf({ node, file }, key);
    return value === undefined ? undefined : textsOf(value).join(', ');
  };
  const path = text('local');
  if (path !== undefined) return [path, path];
  const project = text('project');
  const artifact = text('artifact');
  const other = text('component') ?? text('remote') ?? text('template');
  if (project !== undefined) return [undefined, `${project}: ${text('file') ?? ''}`];
  return [undefined, artifact === undefined ? other : `the artifact ${artifact}`];
}

function unseen(file: PipelineFile, node: unknown, what: string): Note {
  return {
    kind: 'unseen',
    file: file.path,
    offset: (node as { range?: readonly number[] }).range?.[0] ?? 0,
    message: `"${what}" is not in this repository and was not read`,
    remedy: 'Run the migration where it is maintained.',
  };
}
