import { isMap, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { Edit } from './edit.ts';
import { declaredTokens, insertTokens, newDefault, type Token } from './id-token-entry.ts';
import type { LegacyUse } from './legacy-use.ts';
import { legacyMentions, purposeOf } from './legacy-variable.ts';
import type { Change } from './migration.ts';
import { left, type Note } from './note.ts';
import { keyText, type PipelineFile, resolveAlias } from './pipeline-file.ts';
import { type Effective, type Located, membersOf, type Project } from './project.ts';

/** Names of new tokens. Two services need two tokens, since each wants its own audience. */
const tokenNames = { aws: 'GITLAB_OIDC_TOKEN', vault: 'VAULT_ID_TOKEN', other: 'SERVICE_ID_TOKEN' } as const;

/** What is declared, and what is replaced. */
export class TokenPlan {
  readonly notes: Note[] = [];
  readonly changes: Change[] = [];
  readonly #project: Project;
  readonly #edits = new Map<PipelineFile, Edit[]>();
  /** Tokens by the mapping that they are added to. */
  readonly #added = new Map<
    YAMLMap,
    { readonly place: Located<YAMLMap>; readonly tokens: readonly Token[] }
  >();
  /** Of a `default` that the pipeline does not have yet, and the entry that it shall stand above. */
  #newDefault:
    | { readonly above: Pair; readonly file: PipelineFile; readonly tokens: readonly Token[] }
    | undefined;

  constructor(project: Project) {
    this.#project = project;
  }

  edits(): ReadonlyMap<PipelineFile, readonly Edit[]> {
    const edits = new Map<PipelineFile, Edit[]>(this.#edits);
    const add = (file: PipelineFile, edit: Edit) => edits.set(file, [...(edits.get(file) ?? []), edit]);
    for (const { place, tokens } of this.#added.values()) {
      const edit = insertTokens(place, tokens);
      if (edit !== undefined) add(place.file, edit);
    }
    const made = this.#newDefault;
    if (made !== undefined) add(made.file, newDefault(made.above, made.file, made.tokens));
    return edits;
  }

  /** Puts a token's name in the place of the legacy ones, and declares the token for the jobs that run it. */
  replace(use: LegacyUse, audience: string): void {
    const token = { name: this.#nameFor(use, audience), audience };
    const { name } = token;
    for (const job of use.jobs) this.#declare(job, token, use);
    const { node, file } = use.scalar;
    const [start = 0, end = 0] = node.range ?? [];
    for (const { offset, name: old } of legacyMentions(file.text.slice(start, end))) {
      this.#edit(file, { start: start + offset, end: start + offset + old.length, text: name });
      this.changes.push({
        file: file.path,
        offset: start + offset,
        message: `${old} is empty since GitLab 17.0: ${name}`,
      });
    }
  }

  /** A token that all of these jobs have already and that is for the same service; else a name of its own. */
  #nameFor({ jobs, service }: LegacyUse, audience: string): string {
    const fits = ([name, audiences]: readonly [string, readonly string[]]) =>
      service === 'aws'
        ? purposeOf([name, ...audiences].join(' ')) !== 'other'
        : audiences.includes(audience);
    const perJob = [...jobs].map((job) => {
      const declared = [...declaredTokens(this.#project.effective(job))];
      return declared.filter(fits).map(([name]) => name);
    });
    const [first = [], ...others] = perJob;
    return first.find((name) => others.every((names) => names.includes(name))) ?? tokenNames[service];
  }

  #declare(job: string, token: Token, use: LegacyUse): void {
    const { name } = token;
    if (this.#has(job, name)) return;
    if (this.#addDefault(use, token) && this.#has(job, name)) return;
    const shared = this.#sharedPlace(job, use);
    for (const place of [...(shared ? [shared] : []), ...this.#project.mapping(job).slice(-1)]) {
      this.#add(place, token);
      if (this.#has(job, name)) return;
    }
    const { node, file } = use.scalar;
    const message = `the job "${job}" has no place for "id_tokens" that can be written to`;
    this.notes.push(left(file, node, message, `Add the token ${name} to it by hand.`));
  }

  /** Does the job have the token, with what was added so far? */
  #has(job: string, name: string): boolean {
    const effective = this.#project.effective(job);
    if (declaredTokens(effective).has(name)) return true;
    const chain = this.#chain(job, effective);
    if (chain.some((mapping) => this.#adds(mapping, name))) return true;
    const ownTokens = effective.has('id_tokens') || chain.some((mapping) => this.#added.has(mapping));
    const inDefault = this.#newDefault?.tokens.some((token) => token.name === name) ?? false;
    return inDefault && !ownTokens && this.#inherits(effective);
  }

  #adds(mapping: YAMLMap, name: string): boolean {
    return this.#added.get(mapping)?.tokens.some((token) => token.name === name) ?? false;
  }

  /** Mappings from which the job takes its tokens. */
  #chain(job: string, effective: Effective): readonly YAMLMap[] {
    const names = [job, ...this.#project.ancestors(job)];
    const own = names.flatMap((one) => this.#project.mapping(one));
    const tokens = (effective.get('id_tokens') ?? []).flatMap(({ node }) => (isMap(node) ? [node] : []));
    const mappings = [...own.flatMap((one) => mergeChain(one, new Set())), ...tokens];
    // a job with tokens of its own does not see those of default
    const ownTokens =
      own.some((one) => membersOf(one).has('id_tokens')) || mappings.some((one) => this.#added.has(one));
    const defaults = this.#project.mapping('default').map(({ node }) => node);
    return ownTokens || !this.#inherits(effective) ? mappings : [...mappings, ...defaults];
  }

  #inherits(effective: Effective): boolean {
    return effective.get('inherit') === undefined;
  }

  /** A script at the top of the file is every job's: its token belongs into `default`, made anew if need be. */
  #addDefault({ scalar: { node, file }, jobs }: LegacyUse, token: Token): boolean {
    if (this.#project.mapping('default').length > 0) return false;
    const above = this.#newDefault?.above ?? ownerOf(node, file);
    if (above === undefined || !globalScripts.includes(keyText(above.key) ?? '')) return false;
    if (!globalScripts.includes(keyText(ownerOf(node, file)?.key) ?? '')) return false;
    if (!this.#visible().every((job) => jobs.has(job))) return false;
    const known = this.#newDefault?.tokens ?? [];
    const tokens = known.some(({ name }) => name === token.name) ? known : [...known, token];
    this.#newDefault = { file, ...this.#newDefault, above, tokens };
    return true;
  }

  /** The mapping that the use is written in, where the job takes it from there: a hidden job, or default. */
  #sharedPlace(job: string, { scalar: { node, file }, jobs }: LegacyUse): Located<YAMLMap> | undefined {
    const owner = keyText(ownerOf(node, file)?.key);
    if (owner === undefined || owner === job) return undefined;
    const isDefault = ['default', ...globalScripts].includes(owner);
    const [place] = this.#project.mapping(isDefault ? 'default' : owner).slice(-1);
    if (place === undefined) return undefined;
    const takes = (one: string) => this.#chain(one, this.#project.effective(one)).includes(place.node);
    // no job gets a token that it has no use for
    const alsoOthers = this.#visible().some((one) => !jobs.has(one) && takes(one));
    return takes(job) && !alsoOthers ? place : undefined;
  }

  #visible(): readonly string[] {
    return this.#project.jobNames().filter((job) => !job.startsWith('.'));
  }

  #add(place: Located<YAMLMap>, token: Token): void {
    if (this.#adds(place.node, token.name) || insertTokens(place, [token]) === undefined) return;
    const tokens = [...(this.#added.get(place.node)?.tokens ?? []), token];
    this.#added.set(place.node, { place, tokens });
  }

  #edit(file: PipelineFile, edit: Edit): void {
    const known = this.#edits.get(file) ?? [];
    if (known.some((one) => one.start === edit.start && one.end === edit.end && one.text === edit.text))
      return;
    this.#edits.set(file, [...known, edit]);
  }
}

const globalScripts = ['before_script', 'after_script'];

/** The entry at the top of the file that a scalar is written in. */
function ownerOf(node: Scalar, file: PipelineFile): Pair | undefined {
  const offset = node.range?.[0] ?? 0;
  return (file.root.items as Pair[]).find(({ value }) => {
    const [start = 0, , end = 0] = (value as YAMLMap | null)?.range ?? [];
    return start <= offset && offset < end;
  });
}

/** A mapping and those that it merges; one that has tokens of its own hides theirs. */
function mergeChain({ node, file }: Located<YAMLMap>, seen: Set<YAMLMap>): readonly YAMLMap[] {
  if (seen.has(node)) return [];
  seen.add(node);
  const hides = (node.items as Pair[]).some(({ key }) => keyText(key) === 'id_tokens');
  const merged = hides ? [] : mergedMappings({ node, file });
  return [node, ...merged.flatMap((one) => mergeChain(one, seen))];
}

function mergedMappings({ node, file }: Located<YAMLMap>): readonly Located<YAMLMap>[] {
  return (node.items as Pair[])
    .filter(({ key }) => keyText(key) === '<<')
    .flatMap(({ value }) => (isSeq(value) ? value.items : [value]))
    .map((value) => resolveAlias(value, file))
    .flatMap((target) => (isMap(target) ? [{ node: target, file }] : []));
}
