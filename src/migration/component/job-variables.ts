import { isMap, type YAMLMap } from 'yaml';
import { type Located, membersOf, textsOf } from '../located.ts';
import type { Project } from '../project.ts';
import type { JobVariables } from '../recipe/shell-state.ts';
import { declaredTokens } from '../tokens/declared-tokens.ts';
import { isLegacy } from '../tokens/legacy-variable.ts';

/** What a job's variables are, as far as the files have them. */
export function variablesOf(job: string, project: Project): JobVariables {
  const effective = project.effective(job);
  const tokens = declaredTokens(effective);
  const own = [...project.mapping('variables'), ...mappings(effective.get('variables'))];
  const written = (name: string) => {
    const value = own.flatMap((one) => membersOf(one).get(name) ?? []).at(-1);
    const text =
      value !== undefined && isMap(value.node) ? membersOf(value as Located<YAMLMap>).get('value') : value;
    return text === undefined ? undefined : textsOf(text)[0];
  };
  return {
    isToken: (name) => tokens.has(name) || (isLegacy(name) && written(name) === undefined),
    valueOf: written,
  };
}

function mappings(values: readonly Located[] | undefined): readonly Located<YAMLMap>[] {
  return (values ?? []).filter((one): one is Located<YAMLMap> => isMap(one.node));
}
