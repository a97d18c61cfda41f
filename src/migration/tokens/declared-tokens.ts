import { isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { isMapping, type Located, memberOf, membersOf, textsOf } from '../located.ts';
import { keyText } from '../pipeline-file.ts';
import type { Effective, Project } from '../project.ts';

/** A token to declare. */
export interface Token {
  readonly name: string;
  /** Usually one. */
  readonly audience: string | readonly string[];
  /** True if the job gets the token by `!reference`. */
  readonly isReferenced?: boolean;
}

/** The tokens of a job, with their audiences. */
export function declaredTokens(effective: Effective): ReadonlyMap<string, readonly string[]> {
  const tokens = new Map<string, readonly string[]>();
  for (const one of (effective.get('id_tokens') ?? []).filter(isMapping)) {
    for (const [name, value] of membersOf(one)) {
      const audience = memberOf(value, 'aud');
      tokens.set(name, audience === undefined ? [] : textsOf(audience));
    }
  }
  return tokens;
}

/** Do two texts mean the same audience, for example the address of the instance? */
export function isSameAudience(one: string, other: string): boolean {
  const plain = (text: string) =>
    text.replace(/[{}]/g, '').replace(/^https:\/\/(\$CI_SERVER_(HOST|FQDN)|gitlab\.com)$/, '$$CI_SERVER_URL');
  return plain(one) === plain(other);
}

/** Is there exactly one audience, and is it this one? */
export function isOnlyAudience(audiences: readonly string[], audience: string): boolean {
  return audiences.length === 1 && isSameAudience(audiences[0] ?? '', audience);
}

/** Does a variable of the job or of the pipeline have this name? */
export function isVariable(name: string, effective: Effective, project: Project): boolean {
  const variables = [...project.mapping('variables'), ...(effective.get('variables') ?? [])];
  return variables.some((one) => isMapping(one) && membersOf(one).has(name));
}

/**
 * The tokens that a job has only from `default`: once the job, or a job that it extends, declares a token,
 * it loses them. https://docs.gitlab.com/ci/yaml/#id_tokens
 */
export function tokensOfDefault(project: Project, job: string): readonly Token[] {
  const own = [job, ...project.ancestors(job)].flatMap((one) => project.mapping(one));
  if (own.some((one) => membersOf(one).has('id_tokens'))) return [];
  return asTokens(declaredTokens(project.effective(job)));
}

/** The tokens that a mapping gets by `!reference`, to which no other token can be added. */
export function referencedTokens(place: Located<YAMLMap>, project: Project, job: string): readonly Token[] {
  if (!isReference(writtenTokens(place))) return [];
  return asTokens(declaredTokens(project.effective(job))).map((token) => ({ ...token, isReferenced: true }));
}

/** The tokens that a mapping gets only by a merge key: an `id_tokens` of its own would replace them. */
export function mergedTokens(place: Located<YAMLMap>): readonly Token[] {
  const merged = membersOf(place).get('id_tokens');
  if (merged === undefined || writtenTokens(place) !== undefined) return [];
  return asTokens(declaredTokens(new Map([['id_tokens', [merged]]])));
}

export function isReference(node: unknown): node is YAMLSeq<Node> {
  return isSeq(node) && node.tag === '!reference' && node.items.length === 2;
}

function writtenTokens({ node }: Located<YAMLMap>): Node | null | undefined {
  return (node.items as Pair<Node, Node | null>[]).find(({ key }) => keyText(key) === 'id_tokens')?.value;
}

const asTokens = (declared: ReadonlyMap<string, readonly string[]>): readonly Token[] =>
  [...declared].map(([name, audience]) => ({ name, audience }));

/**
 * A secret that uses the job's only token without specifying it.
 * https://docs.gitlab.com/ci/yaml/#secretstoken
 */
export function secretWithoutToken(effective: Effective): string | undefined {
  if (declaredTokens(effective).size !== 1) return undefined;
  for (const one of (effective.get('secrets') ?? []).filter(isMapping)) {
    for (const [name, secret] of membersOf(one)) {
      if (isMapping(secret) && !membersOf(secret).has('token')) return name;
    }
  }
  return undefined;
}
