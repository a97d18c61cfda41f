import type { YAMLMap } from 'yaml';
import type { Edit } from '../edit.ts';
import type { Located } from '../located.ts';
import { keyText, ownerOf } from '../pipeline-file.ts';
import type { Project } from '../project.ts';
import { referencedTokens, tokensOfDefault } from '../tokens/declared-tokens.ts';
import { insertTokens } from '../tokens/id-token-entry.ts';
import type { Cluster } from './cluster.ts';
import { extendJob } from './extend-job.ts';

/** An edit that makes a job extend a component's hidden job. */
export interface Extension extends Located<YAMLMap> {
  readonly edit: Edit;
  readonly hiddenJob: string;
}

/** Which jobs extend which of the components' hidden jobs. */
export class JobExtensions {
  readonly #project: Project;
  readonly #extended = new Map<YAMLMap, string>();

  constructor(project: Project) {
    this.#project = project;
  }

  /**
   * The edits for a cluster: of the hidden job that exactly its jobs extend, or of each job.
   *
   * @returns undefined if a job is written in a form that cannot be edited
   */
  of(cluster: Cluster, hiddenJob: string): readonly Extension[] | undefined {
    const token = `${hiddenJob}:token`;
    const shared = this.#sharedParent(cluster);
    const extensions: Extension[] = [];
    for (const job of shared === undefined ? cluster.map((one) => one.job) : [shared]) {
      const [mapping] = this.#project.mapping(job).slice(-1);
      if (mapping === undefined) return undefined;
      const known = this.#extended.get(mapping.node);
      if (known === token || extensions.some(({ node }) => node === mapping.node)) continue;
      const edit = known === undefined ? extendJob(mapping, token, this.#project, job) : undefined;
      if (edit === undefined) return undefined;
      extensions.push({ ...mapping, edit, hiddenJob: token });
      const hidden = [
        ...tokensOfDefault(this.#project, job),
        ...referencedTokens(mapping, this.#project, job),
      ];
      if (hidden.length === 0) continue;
      const tokens = insertTokens(mapping, hidden);
      if (tokens === undefined) return undefined;
      extensions.push({ ...mapping, edit: tokens, hiddenJob: token });
    }
    return extensions;
  }

  /** Records extensions whose edits are made. */
  add(extensions: readonly Extension[]): void {
    for (const { node, hiddenJob } of extensions) this.#extended.set(node, hiddenJob);
  }

  /** The hidden job with the recipe, if the jobs of the cluster are the only ones that extend it. */
  #sharedParent(cluster: Cluster): string | undefined {
    const jobs = new Set(cluster.map(({ job }) => job));
    const item = cluster[0]?.items[0]?.scalar;
    const owner = item && keyText(ownerOf(item.node, item.file)?.key);
    if (owner === undefined || !owner.startsWith('.') || this.#project.mapping(owner).length === 0)
      return undefined;
    const heirs = this.#project.visibleJobs().filter((job) => this.#project.ancestors(job).has(owner));
    return heirs.length === jobs.size && heirs.every((job) => jobs.has(job)) ? owner : undefined;
  }
}
