import { isSeq, type Scalar } from 'yaml';
import { memberOf, membersOf } from '../located.ts';
import type { Effective, Project } from '../project.ts';
import type { Repository } from '../repository.ts';
import { scalarsIn } from '../scalars.ts';
import { type JobText, keysOf } from './job-texts.ts';
import { mentionsLegacy, usesVariable } from './legacy-variable.ts';

/** Global variables that contain a legacy one, directly or through others: a job that uses them uses it. */
export class TokenVariables {
  readonly #held: ReadonlyMap<string, readonly JobText[]>;
  readonly #repository: Repository;

  constructor(project: Project, repository: Repository) {
    this.#repository = repository;
    this.#held = withLegacy(globalVariables(project));
  }

  /** The texts of the variables that a job uses. */
  usedBy(effective: Effective, texts: readonly JobText[]): readonly JobText[] {
    const own = new Set((effective.get('variables') ?? []).flatMap(keysOf));
    return [...this.#held].flatMap(([name, held]) => {
      if (own.has(name) || !inheritsVariable(effective, name)) return [];
      const isUsed = texts.some(({ scalar }) => reads(String(scalar.node.value), name));
      return isUsed || (texts.length > 0 && this.#repository.naming(name) !== undefined) ? held : [];
    });
  }
}

function globalVariables(project: Project): ReadonlyMap<string, readonly JobText[]> {
  const values = new Map<string, readonly JobText[]>();
  for (const one of project.mapping('variables')) {
    for (const [name, value] of membersOf(one)) {
      const scalars = scalarsIn(value, project);
      values.set(
        name,
        scalars.map((scalar) => ({ scalar, kind: 'variable' })),
      );
    }
  }
  return values;
}

/** The variables that contain a legacy one, with the texts that do. */
function withLegacy(
  values: ReadonlyMap<string, readonly JobText[]>,
): ReadonlyMap<string, readonly JobText[]> {
  const held = new Map<string, readonly JobText[]>();
  const holds = (text: JobText) => mentionsLegacy(String(text.scalar.node.value));
  for (const [name, texts] of values) if (texts.some(holds)) held.set(name, texts.filter(holds));
  for (let known = -1; known !== held.size; ) {
    known = held.size;
    for (const [name, texts] of values) {
      const source = [...held].find(([other]) =>
        texts.some(({ scalar }) => usesVariable(String(scalar.node.value), other)),
      );
      if (source !== undefined && !held.has(name)) held.set(name, source[1]);
    }
  }
  return held;
}

/** By name, or as Terraform does: https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_var_name */
function reads(text: string, name: string): boolean {
  if (new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`).test(text)) return true;
  return name.startsWith('TF_VAR_') && /\b(terraform|tofu|terragrunt)\b/.test(text);
}

/** https://docs.gitlab.com/ci/yaml/#inheritvariables */
function inheritsVariable(effective: Effective, name: string): boolean {
  const choice = memberOf(effective.get('inherit')?.at(-1), 'variables');
  if (choice === undefined) return true;
  const { node } = choice;
  if (isSeq(node)) return node.items.some((item) => (item as Scalar).value === name);
  return (node as Scalar).value !== false;
}
