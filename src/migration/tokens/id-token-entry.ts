import { isMap, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { lineStart } from '../../text/place.ts';
import { aboveComments, type Edit } from '../edit.ts';
import { keyText, type PipelineFile, resolveAlias } from '../pipeline-file.ts';
import { type Effective, type Located, membersOf, type Project, textsOf } from '../project.ts';

/** Tokens that a job has, with their audiences. */
export function declaredTokens(effective: Effective): ReadonlyMap<string, readonly string[]> {
  const tokens = new Map<string, readonly string[]>();
  for (const one of effective.get('id_tokens') ?? []) {
    if (!isMap(one.node)) continue;
    for (const [name, value] of membersOf(one as Located<YAMLMap>)) {
      const audience = isMap(value.node) ? membersOf(value as Located<YAMLMap>).get('aud') : undefined;
      tokens.set(name, audience === undefined ? [] : textsOf(audience));
    }
  }
  return tokens;
}

/** Two ways to write one audience, the instance's own address for example. */
export function isSameAudience(one: string, other: string): boolean {
  const plain = (text: string) =>
    text.replace(/[{}]/g, '').replace(/^https:\/\/(\$CI_SERVER_(HOST|FQDN)|gitlab\.com)$/, '$$CI_SERVER_URL');
  return plain(one) === plain(other);
}

/** A token to declare. */
export interface Token {
  readonly name: string;
  /** One, as a rule. */
  readonly audience: string | readonly string[];
  /** True for one that stands elsewhere, for a job that has it by `!reference`. */
  readonly isReferenced?: boolean;
}

/**
 * The tokens that a job has from `default` alone: once it has one of its own, or of what it extends, it has
 * none of these. https://docs.gitlab.com/ci/yaml/#id_tokens
 */
export function tokensOfDefault(project: Project, job: string): readonly Token[] {
  const own = [job, ...project.ancestors(job)].flatMap((one) => project.mapping(one));
  if (own.some((one) => membersOf(one).has('id_tokens'))) return [];
  return asTokens(declaredTokens(project.effective(job)));
}

/** The tokens that a mapping has by `!reference`, which takes no other beside itself. */
export function referencedTokens(place: Located<YAMLMap>, project: Project, job: string): readonly Token[] {
  if (!isReference(writtenTokens(place))) return [];
  return asTokens(declaredTokens(project.effective(job))).map((token) => ({ ...token, isReferenced: true }));
}

/** The tokens that a mapping has by a merge key alone: an entry of its own would take their place. */
export function mergedTokens(place: Located<YAMLMap>): readonly Token[] {
  const merged = membersOf(place).get('id_tokens');
  if (merged === undefined || writtenTokens(place) !== undefined) return [];
  return asTokens(declaredTokens(new Map([['id_tokens', [merged]]])));
}

function writtenTokens({ node }: Located<YAMLMap>): Node | null | undefined {
  return (node.items as Pair<Node, Node | null>[]).find(({ key }) => keyText(key) === 'id_tokens')?.value;
}

const asTokens = (declared: ReadonlyMap<string, readonly string[]>): readonly Token[] =>
  [...declared].map(([name, audience]) => ({ name, audience }));

/**
 * A secret that takes the job's only token without naming it.
 * https://docs.gitlab.com/ci/yaml/#secretstoken
 */
export function secretWithoutToken(effective: Effective): string | undefined {
  if (declaredTokens(effective).size !== 1) return undefined;
  for (const one of effective.get('secrets') ?? []) {
    if (!isMap(one.node)) continue;
    for (const [name, secret] of membersOf(one as Located<YAMLMap>)) {
      if (isMap(secret.node) && !membersOf(secret as Located<YAMLMap>).has('token')) return name;
    }
  }
  return undefined;
}

/**
 * Declares tokens in a mapping (a job, or `default`), at its beginning or in the `id_tokens` that it has.
 *
 * @returns undefined where the mapping is written in a way that nothing can be put into
 */
export function insertTokens({ node, file }: Located<YAMLMap>, tokens: readonly Token[]): Edit | undefined {
  const existing = (node.items as Pair<Node, Node | null>[]).find(({ key }) => keyText(key) === 'id_tokens');
  const inFlow = tokens.map(({ name, audience }) => `${name}: { aud: ${written(audience)} }`).join(', ');
  if (existing === undefined) {
    return insertPair(
      { node, file },
      (indent, step) => tokenLines(tokens, indent, step),
      `id_tokens: { ${inFlow} }`,
    );
  }
  const declared = resolveAlias(existing.value, file);
  if (isReference(existing.value)) return besideReference(existing.key, existing.value, file, tokens);
  // a merge key behind it would win
  const counts = membersOf({ node, file }).get('id_tokens')?.node === declared;
  if (!isMap(declared) || !counts) return undefined;
  return insertPair({ node: declared, file }, (indent, step) => entryLines(tokens, indent, step), inFlow);
}

function isReference(node: unknown): node is YAMLSeq<Node> {
  return isSeq(node) && node.tag === '!reference' && node.items.length === 2;
}

/** `id_tokens: !reference […]` takes no other token: each of its own becomes a reference, and the new ones follow. */
function besideReference(
  key: Node,
  reference: YAMLSeq<Node>,
  file: PipelineFile,
  tokens: readonly Token[],
): Edit | undefined {
  const [keyStart = 0, keyEnd = 0] = key.range ?? [];
  const indent = file.text.slice(lineStart(file.text, keyStart), keyStart);
  if (/\S/.test(indent)) return undefined;
  const step = stepOf(file);
  const path = reference.items.map((item) => file.text.slice(item.range?.[0], item.range?.[1])).join(', ');
  const lines = tokens.flatMap((token) =>
    token.isReferenced === true
      ? [`${indent}${step}${token.name}: !reference [${path}, ${token.name}]`]
      : entryLines([token], indent + step, step),
  );
  const start = file.text.indexOf(':', keyEnd) + 1;
  return { start, end: reference.range?.[1] ?? start, text: file.newline + lines.join(file.newline) };
}

/** A `default` with tokens, above an entry at the top of the file. */
export function newDefault(above: Pair, file: PipelineFile, tokens: readonly Token[]): Edit {
  const at = aboveComments(file.text, (above.key as Node).range?.[0] ?? 0, '');
  const step = stepOf(file);
  const lines = ['default:', ...tokenLines(tokens, step, step), ''];
  return { start: at, end: at, text: lines.map((line) => line + file.newline).join('') };
}

function tokenLines(tokens: readonly Token[], indent: string, step: string): readonly string[] {
  return [`${indent}id_tokens:`, ...entryLines(tokens, indent + step, step)];
}

function entryLines(tokens: readonly Token[], indent: string, step: string): readonly string[] {
  return tokens.flatMap(({ name, audience }) => [
    `${indent}${name}:`,
    `${indent}${step}aud: ${written(audience)}`,
  ]);
}

/**
 * Puts a pair before the others of a mapping, in the style that the mapping has; behind merge keys, since
 * GitLab lets what these bring win over what stands before them.
 */
export function insertPair(
  { node, file }: Located<YAMLMap>,
  lines: (indent: string, step: string) => readonly string[],
  inFlow: string,
): Edit | undefined {
  const items = node.items as Pair<Node, Node | null>[];
  const merge = items.findLast(({ key }) => keyText(key) === '<<');
  const [first] = items;
  const start = node.range?.[0] ?? 0;
  if (node.flow) {
    const behind = merge?.value?.range?.[1];
    if (behind !== undefined) return { start: behind, end: behind, text: `, ${inFlow}` };
    const inner = first === undefined ? ` ${inFlow} ` : ` ${inFlow},`;
    return { start: start + 1, end: start + 1, text: inner };
  }
  const at = first?.key.range?.[0];
  if (at === undefined) return undefined;
  const line = lineStart(file.text, at);
  const indent = file.text.slice(line, at);
  if (/\S/.test(indent)) return undefined;
  const own = lines(indent, stepOf(file));
  if (merge !== undefined) return behindLine(merge.value?.range?.[1] ?? 0, own, file);
  // above the comments that belong to the first key
  const above = aboveComments(file.text, line, indent);
  return { start: above, end: above, text: own.map((one) => one + file.newline).join('') };
}

function behindLine(offset: number, lines: readonly string[], { text, newline }: PipelineFile): Edit {
  const found = text.indexOf('\n', Math.max(offset - 1, 0));
  if (found < 0)
    return { start: text.length, end: text.length, text: lines.map((one) => newline + one).join('') };
  return { start: found + 1, end: found + 1, text: lines.map((one) => one + newline).join('') };
}

/** How deep the author indents: as the first job is. */
function stepOf({ root, text }: PipelineFile): string {
  for (const { value } of root.items) {
    const at =
      isMap(value) && !value.flow ? (value.items[0] as Pair<Node> | undefined)?.key.range?.[0] : undefined;
    if (at === undefined) continue;
    const indent = text.slice(lineStart(text, at), at);
    if (/^ +$/.test(indent)) return indent;
  }
  return '  ';
}

function written(audience: Token['audience']): string {
  const [first = '', ...others] = [audience].flat();
  return others.length === 0 ? scalar(first) : `[${[first, ...others].map(scalar).join(', ')}]`;
}

/** A plain scalar where YAML reads it back as it is. */
export function scalar(text: string): string {
  return /^[\w$./:@-]+$/.test(text) && !/^[\d:.-]|:$/.test(text) ? text : JSON.stringify(text);
}
