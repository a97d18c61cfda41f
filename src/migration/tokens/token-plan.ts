import { isMap, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { Edit } from '../edit.ts';
import type { Change } from '../migration.ts';
import { left, type Note } from '../note.ts';
import { keyText, ownerOf, type PipelineFile, resolveAlias } from '../pipeline-file.ts';
import { type Effective, type Located, membersOf, type Project } from '../project.ts';
import {
  declaredTokens,
  insertTokens,
  isSameAudience,
  mergedTokens,
  newDefault,
  referencedTokens,
  secretWithoutToken,
  type Token,
  tokensOfDefault,
} from './id-token-entry.ts';
import type { LegacyUse } from './legacy-use.ts';
import { legacyMentions } from './legacy-variable.ts';

/** Names of new tokens. Two services need two tokens, since each wants its own audience. */
const tokenNames = { aws: 'GITLAB_OIDC_TOKEN', vault: 'VAULT_ID_TOKEN', other: 'SERVICE_ID_TOKEN' } as const;

type Declared = readonly [name: string, audiences: readonly string[]];

/** Names that say what a token is for. */
const servicesOfNames = {
  aws: /AWS/i,
  vault: /VAULT/i,
  other: /SIGSTORE|GCP|GOOGLE|AZURE|CONJUR|AKEYLESS|INFISICAL/i,
};

/** What is declared, and what is replaced. */
export class TokenPlan {
  readonly notes: Note[] = [];
  readonly changes: Change[] = [];
  readonly #project: Project;
  readonly #edits = new Map<PipelineFile, Edit[]>();
  /** Tokens by the mapping that they are added to. */
  #added = new Map<YAMLMap, { readonly place: Located<YAMLMap>; readonly tokens: readonly Token[] }>();
  /** Audiences of the names that were chosen. */
  readonly #names = new Map<string, string>();
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
    const [added, newDefault] = [new Map(this.#added), this.#newDefault];
    const obstacle = [...use.jobs]
      .map((job) => this.#declare(job, token, use))
      .find((one) => one !== undefined);
    if (obstacle === undefined) {
      this.#rename(use, token.name);
      return;
    }
    // without its token, a new name would be as empty as the old one
    this.#added = added;
    this.#newDefault = newDefault;
    const { node, file } = use.scalar;
    this.notes.push(
      left(file, node, obstacle, `Add the token ${token.name} by hand, and put its name here.`),
    );
  }

  /** Uses a token that all of the jobs have for the same service: somebody has chosen its audience already. */
  reuse(use: LegacyUse): boolean {
    const name = this.#declaredInAll(use, ([name]) => servicesOfNames[use.service].test(name));
    if (name === undefined) return false;
    this.#rename(use, name);
    return true;
  }

  #rename({ scalar: { node, file }, mentions }: LegacyUse, name: string): void {
    const [start = 0, end = 0] = node.range ?? [];
    const found = legacyMentions(file.text.slice(start, end));
    if (found.length !== legacyMentions(String(node.value)).length) {
      this.notes.push(
        left(file, node, 'the variable is written with escapes', `Put ${name} in its place by hand.`),
      );
      return;
    }
    for (const mention of mentions) {
      const at = start + (found[mention.nth]?.offset ?? 0);
      const behind = at + mention.name.length;
      const text = mention.form === 'pass' ? `${mention.name}=$${name}` : name;
      this.#edit(file, { start: at, end: behind, text });
      this.changes.push({
        file: file.path,
        offset: at,
        message: `${mention.name} is empty since GitLab 17.0: ${name}`,
      });
    }
  }

  /** A token that all of these jobs have already and that has this audience alone; else a name of its own. */
  #nameFor(use: LegacyUse, audience: string): string {
    const fits = ([, audiences]: Declared) =>
      audiences.length === 1 && isSameAudience(audiences[0] ?? '', audience);
    const declared = this.#declaredInAll(use, fits);
    if (declared !== undefined) return declared;
    const base = tokenNames[use.service];
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base}_${number}`;
      if (this.#isFree(name, use, audience)) return name;
    }
  }

  #declaredInAll({ jobs }: LegacyUse, fits: (one: Declared) => boolean): string | undefined {
    const [first = [], ...others] = [...jobs].map((job) =>
      [...declaredTokens(this.#project.effective(job))].filter(fits).map(([name]) => name),
    );
    return first.find((name) => others.every((names) => names.includes(name)));
  }

  /** Does the name mean nothing else in these jobs? */
  #isFree(name: string, { jobs }: LegacyUse, audience: string): boolean {
    const known = this.#names.get(name);
    if (known !== undefined && known !== audience) return false;
    return [...jobs].every((job) => {
      const effective = this.#project.effective(job);
      const audiences = declaredTokens(effective).get(name);
      if (
        audiences !== undefined &&
        !(audiences.length === 1 && isSameAudience(audiences[0] ?? '', audience))
      )
        return false;
      const variables = [...this.#project.mapping('variables'), ...(effective.get('variables') ?? [])];
      const isVariable = variables.some(
        (one) => isMap(one.node) && membersOf(one as Located<YAMLMap>).has(name),
      );
      if (!isVariable) this.#names.set(name, audience);
      return !isVariable;
    });
  }

  /** @returns why the job cannot have it */
  #declare(job: string, token: Token, use: LegacyUse): string | undefined {
    const { name } = token;
    if (this.#has(job, name)) return undefined;
    const secret = this.#secretWithoutToken(job);
    if (secret !== undefined) {
      return `the secret "${secret}" of the job "${job}" names no token: with a second one, GitLab does not know which to take`;
    }
    if (this.#addDefault(use, token) && this.#has(job, name)) return undefined;
    const shared = this.#sharedPlace(job, use);
    for (const place of [...(shared ? [shared] : []), ...this.#project.mapping(job).slice(-1)]) {
      this.#add(place, token, job);
      if (this.#has(job, name)) return undefined;
    }
    return `the job "${job}" has no place for "id_tokens" that can be written to`;
  }

  /** https://docs.gitlab.com/ci/yaml/#secretstoken */
  #secretWithoutToken(job: string): string | undefined {
    return secretWithoutToken(this.#project.effective(job));
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
    if (!this.#project.visibleJobs().every((job) => jobs.has(job))) return false;
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
    const alsoOthers = this.#project.visibleJobs().some((one) => !jobs.has(one) && takes(one));
    if (!takes(job) || alsoOthers) return undefined;
    // what it would hide must be the same for all of them
    const hidden = new Set([...jobs].map((one) => JSON.stringify(this.#hiddenBy(place, one))));
    return hidden.size === 1 ? place : undefined;
  }

  #add(place: Located<YAMLMap>, token: Token, job: string): void {
    if (this.#adds(place.node, token.name) || insertTokens(place, [token]) === undefined) return;
    const known = this.#added.get(place.node)?.tokens ?? this.#hiddenBy(place, job);
    this.#added.set(place.node, {
      place,
      tokens: [...known.filter(({ name }) => name !== token.name), token],
    });
  }

  /** What the job would lose by a token at this place. */
  #hiddenBy(place: Located<YAMLMap>, job: string): readonly Token[] {
    const referenced = referencedTokens(place, this.#project, job);
    if (referenced.length > 0) return referenced;
    const merged = mergedTokens(place);
    return merged.length > 0 ? merged : tokensOfDefault(this.#project, job);
  }

  #edit(file: PipelineFile, edit: Edit): void {
    const known = this.#edits.get(file) ?? [];
    if (known.some((one) => one.start === edit.start && one.end === edit.end && one.text === edit.text))
      return;
    this.#edits.set(file, [...known, edit]);
  }
}

const globalScripts = ['before_script', 'after_script'];

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
