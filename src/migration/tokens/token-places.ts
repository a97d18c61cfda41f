import { isMap, type Pair, type YAMLMap } from 'yaml';
import type { Edit } from '../edit.ts';
import { type Located, membersOf } from '../located.ts';
import { keyText, ownerOf, type PipelineFile } from '../pipeline-file.ts';
import type { Effective, Project } from '../project.ts';
import {
  declaredTokens,
  mergedTokens,
  referencedTokens,
  secretWithoutToken,
  type Token,
  tokensOfDefault,
} from './declared-tokens.ts';
import { insertTokens, newDefault } from './id-token-entry.ts';
import type { LegacyUse } from './legacy-use.ts';
import { mergeChain } from './merge-chain.ts';

/** Where tokens are declared: in jobs, hidden jobs, or `default`. */
export class TokenPlaces {
  readonly #project: Project;
  /** Tokens by the mapping that they are added to. */
  #added = new Map<YAMLMap, { readonly place: Located<YAMLMap>; readonly tokens: readonly Token[] }>();
  /** The tokens of a `default` that is to be created, and the entry that it is to be inserted above. */
  #newDefault:
    | { readonly above: Pair; readonly file: PipelineFile; readonly tokens: readonly Token[] }
    | undefined;

  constructor(project: Project) {
    this.#project = project;
  }

  edits(): readonly (readonly [PipelineFile, Edit])[] {
    const edits: (readonly [PipelineFile, Edit])[] = [];
    for (const { place, tokens } of this.#added.values()) {
      const edit = insertTokens(place, tokens);
      if (edit !== undefined) edits.push([place.file, edit]);
    }
    const made = this.#newDefault;
    if (made !== undefined) edits.push([made.file, newDefault(made.above, made.file, made.tokens)]);
    return edits;
  }

  /**
   * Declares a token for every job of a use, or for none.
   *
   * @returns why a job cannot have it
   */
  declare(token: Token, use: LegacyUse): string | undefined {
    const [added, made] = [new Map(this.#added), this.#newDefault];
    const obstacle = [...use.jobs]
      .map((job) => this.#declareIn(job, token, use))
      .find((one) => one !== undefined);
    if (obstacle === undefined) return undefined;
    this.#added = added;
    this.#newDefault = made;
    return obstacle;
  }

  #declareIn(job: string, token: Token, use: LegacyUse): string | undefined {
    const { name } = token;
    if (this.#has(job, name)) return undefined;
    const secret = secretWithoutToken(this.#project.effective(job));
    if (secret !== undefined) {
      return `the secret "${secret}" of the job "${job}" specifies no token, which GitLab requires once the job has two`;
    }
    if (this.#addDefault(use, token) && this.#has(job, name)) return undefined;
    const shared = this.#sharedPlace(job, use);
    for (const place of [...(shared ? [shared] : []), ...this.#project.mapping(job).slice(-1)]) {
      this.#add(place, token, job);
      if (this.#has(job, name)) return undefined;
    }
    return `"id_tokens" cannot be added to the job "${job}" in the form in which it is written`;
  }

  /** Does the job have the token, including those added so far? */
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

  /** The mappings from which a job gets its tokens. */
  #chain(job: string, effective: Effective): readonly YAMLMap[] {
    const names = [job, ...this.#project.ancestors(job)];
    const own = names.flatMap((one) => this.#project.mapping(one));
    const tokens = (effective.get('id_tokens') ?? []).flatMap(({ node }) => (isMap(node) ? [node] : []));
    const mappings = [...own.flatMap((one) => mergeChain(one)), ...tokens];
    // a job with tokens of its own does not get those of default
    const ownTokens =
      own.some((one) => membersOf(one).has('id_tokens')) || mappings.some((one) => this.#added.has(one));
    const defaults = this.#project.mapping('default').map(({ node }) => node);
    return ownTokens || !this.#inherits(effective) ? mappings : [...mappings, ...defaults];
  }

  #inherits(effective: Effective): boolean {
    return effective.get('inherit') === undefined;
  }

  /** Every job runs a top-level script, so its token belongs in `default`, which is created if necessary. */
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

  /** The hidden job or `default` that contains the use, if the job inherits it from there. */
  #sharedPlace(job: string, { scalar: { node, file }, jobs }: LegacyUse): Located<YAMLMap> | undefined {
    const owner = keyText(ownerOf(node, file)?.key);
    if (owner === undefined || owner === job) return undefined;
    const isDefault = ['default', ...globalScripts].includes(owner);
    const [place] = this.#project.mapping(isDefault ? 'default' : owner).slice(-1);
    if (place === undefined) return undefined;
    const inherits = (one: string) => this.#chain(one, this.#project.effective(one)).includes(place.node);
    // no job gets a token that it does not use
    const alsoOthers = this.#project.visibleJobs().some((one) => !jobs.has(one) && inherits(one));
    if (!inherits(job) || alsoOthers) return undefined;
    // all jobs must lose the same tokens there
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

  /** The tokens that a job would lose if another one were declared at this place. */
  #hiddenBy(place: Located<YAMLMap>, job: string): readonly Token[] {
    const referenced = referencedTokens(place, this.#project, job);
    if (referenced.length > 0) return referenced;
    const merged = mergedTokens(place);
    return merged.length > 0 ? merged : tokensOfDefault(this.#project, job);
  }
}

const globalScripts = ['before_script', 'after_script'];
