import { isSeq, type Scalar } from 'yaml';
import { isMapping, type Located, memberOf, membersOf } from '../located.ts';
import type { Effective, Project } from '../project.ts';
import { scalarsIn } from '../scalars.ts';
import { declaredTokens } from './declared-tokens.ts';
import { isLegacy, type Service } from './legacy-variable.ts';
import { redefinedIn, type TextKind } from './mentions.ts';

/** A text of a job that can use a token. */
export interface JobText {
  readonly scalar: Located<Scalar>;
  readonly kind: TextKind;
  /** Set if the key alone determines what a token is for. */
  readonly service?: Service;
}

/** Keys that GitLab evaluates before a job has its token, or that do not contain values. */
const withoutToken = new Set([
  'only',
  'except',
  'extends',
  'needs',
  'dependencies',
  'inherit',
  'trigger',
  'stage',
  'id_tokens',
]);

/** Every text of a job that can use a token. */
export function textsOfJob(effective: Effective, project: Project): readonly JobText[] {
  return [...effective].flatMap(([key, values]) => {
    if (withoutToken.has(key)) return [];
    const parts = key === 'rules' ? values.flatMap(variablesOfRules) : values;
    const kind = kindOf(key);
    const service = key === 'secrets' ? { service: 'vault' as const } : {};
    return parts.flatMap((value) =>
      scalarsIn(value, project).map((scalar) => ({ scalar, kind, ...service })),
    );
  });
}

function kindOf(key: string): TextKind {
  if (/script$|^hooks$|^run$/.test(key)) return 'script';
  return /^(variables|rules|parallel)$/.test(key) ? 'variable' : 'other';
}

/** The `variables` of each rule. */
export function variablesOfRules({ node, file }: Located): readonly Located[] {
  const rules = isSeq(node) ? node.items : [];
  return rules.flatMap((rule) => memberOf({ node: rule, file }, 'variables') ?? []);
}

export function keysOf(located: Located): readonly string[] {
  return isMapping(located) ? [...membersOf(located).keys()] : [];
}

/** Legacy names to which a job assigns a value of its own: these were migrated by hand. */
export function redefined(effective: Effective, texts: readonly JobText[]): ReadonlySet<string> {
  const names = [...declaredTokens(effective).keys(), ...(effective.get('variables') ?? []).flatMap(keysOf)];
  const scripts = texts.flatMap(({ scalar, kind }) =>
    kind === 'script' ? redefinedIn(String(scalar.node.value)) : [],
  );
  return new Set([...names, ...scripts].filter(isLegacy));
}
