import { isMapping, memberOf, membersOf, textsOf } from '../located.ts';
import type { Project } from '../project.ts';
import type { JobVariables } from '../recipe/shell-state.ts';
import { declaredTokens } from '../tokens/declared-tokens.ts';
import { isLegacy } from '../tokens/legacy-variable.ts';

/** The variables of a job that the pipeline's files set. */
export function variablesOf(job: string, project: Project): JobVariables {
  const effective = project.effective(job);
  const tokens = declaredTokens(effective);
  const own = [...project.mapping('variables'), ...(effective.get('variables') ?? []).filter(isMapping)];
  const written = (name: string) => {
    const value = own.flatMap((one) => membersOf(one).get(name) ?? []).at(-1);
    const text = value !== undefined && isMapping(value) ? memberOf(value, 'value') : value;
    return text === undefined ? undefined : textsOf(text)[0];
  };
  return {
    isToken: (name) => tokens.has(name) || (isLegacy(name) && written(name) === undefined),
    valueOf: written,
  };
}
