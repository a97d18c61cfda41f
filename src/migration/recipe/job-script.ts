import { isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import { readScript, type ShellCommand } from '../../shell/script.ts';
import { type Located, membersOf, textsOf } from '../located.ts';
import { resolveAlias } from '../pipeline-file.ts';
import type { Project } from '../project.ts';
import { hasMark } from './known-text.ts';

/** A text of a script, usually an item of a list. */
export interface ScriptItem {
  readonly scalar: Located<Scalar<string>>;
  /** Undefined if it is not valid shell. */
  readonly commands: readonly ShellCommand[] | undefined;
}

/** The texts that one shell of a job runs, in order. */
export type JobScript = readonly ScriptItem[];

/** The shells of a job: https://docs.gitlab.com/ci/yaml/#script */
export interface JobScripts {
  /** `before_script` and `script` run in one shell. */
  readonly main: JobScript;
  readonly after: JobScript;
  /** Scripts that run before the repository is available. */
  readonly hooks: JobScript;
}

/** Limits circular references; no job has as many items. */
const maxItems = 5000;

export function scriptsOf(job: string, project: Project): JobScripts {
  const effective = project.effective(job);
  const items = (key: string) => {
    const value = effective.get(key)?.at(-1);
    const found: ScriptItem[] = [];
    if (value !== undefined) collect(value, project, found, 0);
    return found;
  };
  return {
    main: [...items('before_script'), ...items('script')],
    after: items('after_script'),
    hooks: items('hooks'),
  };
}

function collect({ node, file }: Located, project: Project, found: ScriptItem[], depth: number): void {
  const value = resolveAlias(node, file);
  if (found.length > maxItems || depth > maxDepth) return;
  if (isScalar(value) && typeof value.value === 'string') {
    const scalar = value as Scalar<string>;
    found.push({ scalar: { node: scalar, file }, commands: commandsOf(scalar) });
  }
  if (isMap(value)) {
    for (const one of membersOf({ node: value as YAMLMap, file }).values())
      collect(one, project, found, depth + 1);
  }
  if (!isSeq(value)) return;
  if (value.tag === '!reference') {
    for (const one of project.reference(textsOf({ node: value, file }))) {
      collect(one, project, found, depth + 1);
    }
  } else for (const item of value.items) collect({ node: item, file }, project, found, depth + 1);
}

/** GitLab's own limit for nested lists and references. */
const maxDepth = 20;

function commandsOf({ value }: Scalar<string>): readonly ShellCommand[] | undefined {
  return hasMark(value) ? undefined : readScript(value);
}
