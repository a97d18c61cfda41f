import { isMap, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { Edit } from '../edit.ts';
import type { Change, Migration } from '../migration.ts';
import type { Note } from '../note.ts';
import { keyText, ownerOf, type PipelineFile } from '../pipeline-file.ts';
import { membersOf, type Project, scalarsIn } from '../project.ts';
import { missingScripts } from '../recipe/job-programs.ts';
import type { Obstacle } from '../recipe/obstacle.ts';
import type { Repository } from '../repository.ts';
import { insertTokens, referencedTokens, tokensOfDefault } from '../tokens/id-token-entry.ts';
import { mentionsLegacy } from '../tokens/legacy-variable.ts';
import { type Cluster, clustersOf, otherRunner, type Runners, runnersIn } from './cluster.ts';
import { type Choice, chooseComponent } from './component-choice.ts';
import { type ComponentInclude, hiddenJobs, includeEdit } from './component-include.ts';
import { extendJob } from './extend-job.ts';
import { type JobRecipe, leftNote, recipesOf } from './job-plan.ts';
import { cannotBeCut, cutsOf } from './recipe-cuts.ts';

export interface ComponentOptions {
  /** What is written before the name of a component. */
  readonly component: string;
  readonly version: string;
  /** Of the tokens, where it was asked for. */
  readonly audience: string | undefined;
}

/** Puts a component in the place of each recipe that it does all of; says of the others why not. */
export function migrateToComponent(
  project: Project,
  repository: Repository,
  options: ComponentOptions,
): Migration {
  const plan = new ComponentPlan(project, options);
  const visible = project.visibleJobs().flatMap((job) => recipesOf(job, project, repository));
  const seen = new Set(visible.flatMap(({ items }) => items.map(({ scalar }) => scalar.node)));
  const unused = project
    .hiddenJobs()
    .flatMap((job) => recipesOf(job, project, repository))
    .filter(({ items }) => !items.some(({ scalar }) => seen.has(scalar.node)));
  for (const cluster of clustersOf(visible)) plan.replace(cluster);
  const notes = unused.map((one) => leftNote(one, runByNobody));
  return {
    edits: plan.edits(),
    notes: [...staticKeys(project), ...plan.notes, ...distinct(notes)],
    changes: plan.changes,
  };
}

const runByNobody: Obstacle = {
  message: 'no job of this pipeline runs it',
  remedy: 'Remove it, or migrate the pipeline that includes it.',
};

/** What hidden jobs have in common is said once. */
function distinct(notes: readonly Note[]): readonly Note[] {
  return [...new Map(notes.map((one) => [`${one.file}:${one.offset}`, one])).values()];
}

/** Which components are included, for which jobs, in the place of which commands. */
class ComponentPlan {
  readonly notes: Note[] = [];
  readonly changes: Change[] = [];
  readonly #project: Project;
  readonly #options: ComponentOptions;
  readonly #runners: Runners;
  readonly #includes: ComponentInclude[] = [];
  readonly #edits = new Map<PipelineFile, Edit[]>();
  readonly #extended = new Map<YAMLMap, string>();

  constructor(project: Project, options: ComponentOptions) {
    this.#project = project;
    this.#options = options;
    this.#runners = runnersIn(project);
  }

  edits(): ReadonlyMap<PipelineFile, readonly Edit[]> {
    const entry = this.#project.files.at(-1);
    if (entry !== undefined && this.#includes.length > 0) {
      this.#add(entry, [includeEdit(entry, this.#includes, this.#options)]);
    }
    return this.#edits;
  }

  replace(cluster: Cluster): void {
    const choices = cluster.map((one) => chooseComponent(one, this.#project, this.#options.audience));
    const index = choices.findIndex((choice) => 'message' in choice);
    const obstacle =
      index < 0 ? this.#together(cluster, choices as readonly Choice[]) : (choices[index] as Obstacle);
    if (obstacle !== undefined) this.#leave(cluster, obstacle, Math.max(index, 0));
  }

  #leave(cluster: Cluster, obstacle: Obstacle, index: number): void {
    const one = cluster[index] as JobRecipe;
    const note = leftNote(one, obstacle);
    this.notes.push(note);
  }

  /** Replaces what all of them share; nothing is changed where that cannot be. */
  #together(cluster: Cluster, choices: readonly Choice[]): Obstacle | undefined {
    const [choice, ...others] = choices as readonly [Choice, ...Choice[]];
    if (others.some((one) => JSON.stringify(one) !== JSON.stringify(choice))) {
      return {
        message: 'what it asks for differs from job to job',
        remedy: 'Include a component for each of them by hand.',
      };
    }
    const runner = otherRunner(cluster, this.#runners);
    if (runner !== undefined)
      return {
        message: `the job "${runner}" runs a part of it`,
        remedy: 'Give that job a script of its own.',
      };
    const place = this.#placeObstacle(cluster);
    if (place !== undefined) return place;
    const include = this.#includeFor(choice);
    const cuts = cutsOf(cluster, `!reference [${quotedInFlow(hiddenJobOf(include))}, before_script]`);
    if ('message' in cuts) return cuts;
    const extensions = this.#extensions(cluster, hiddenJobOf(include));
    if (extensions === undefined) return cannotBeCut;
    if (!this.#includes.includes(include)) this.#includes.push(include);
    for (const [file, edit] of [...cuts, ...extensions.map(({ file, edit }) => [file, edit] as const)])
      this.#add(file, [edit]);
    for (const { node, hiddenJob } of extensions) this.#extended.set(node, hiddenJob);
    this.#tell(cluster, choice);
    return undefined;
  }

  /** Texts that are run by more jobs than can be seen from here. */
  #placeObstacle(cluster: Cluster): Obstacle | undefined {
    const texts = cluster.flatMap(({ items }) => items.map(({ scalar }) => scalar));
    const entry = this.#project.files.at(-1);
    if (
      texts.some(({ file }) => this.#project.shared.has(file.path)) ||
      this.#project.shared.has(entry?.path ?? '')
    ) {
      return {
        message:
          'it belongs to several pipelines: to those of parent and child, or to those that a variable chooses from',
        remedy: 'Include the component by hand in each of them.',
      };
    }
    const isDefault = ({ node, file }: { readonly node: Node; readonly file: PipelineFile }) =>
      ['default', 'before_script', 'after_script'].includes(keyText(ownerOf(node, file)?.key) ?? '');
    if (this.#project.hasUnseen && texts.some(isDefault)) {
      return {
        message: "it is every job's, and files that were not looked at may have more of them",
        remedy: 'Give the jobs that need AWS a before_script of their own.',
      };
    }
    return undefined;
  }

  #tell(cluster: Cluster, { name }: Choice): void {
    const [first] = cluster;
    const item = first?.items[0]?.scalar;
    this.changes.push({
      file: item?.file.path ?? '',
      offset: item?.node.range?.[0] ?? 0,
      message: `a pasted recipe: the component "${name}" does this`,
    });
    for (const { found } of cluster) {
      if ('message' in found) continue;
      for (const script of missingScripts(found.around)) {
        this.notes.push({
          kind: 'unseen',
          file: item?.file.path ?? '',
          offset: item?.node.range?.[0] ?? 0,
          message: `"${script}" is not in this repository and was not looked at`,
          remedy: 'If it reads AWS_ACCESS_KEY_ID itself, use the component "same-job" for its job.',
        });
      }
    }
  }

  #includeFor({ name, inputs }: Choice): ComponentInclude {
    const own = this.#includes.filter((one) => one.name === name);
    const same = own.find((one) => JSON.stringify(one.inputs) === JSON.stringify(inputs));
    if (same !== undefined) return same;
    const number = own.length + includedAlready(name, this.#project) + 1;
    return { name, inputs, suffix: number === 1 ? '' : `-${number}` };
  }

  /** The hidden job that all of them extend already and that no other job does, or each of them. */
  #extensions(cluster: Cluster, hiddenJob: string) {
    const token = `${hiddenJob}:token`;
    const jobs = cluster.map(({ job }) => job);
    const shared = this.#sharedParent(cluster);
    const extensions: { node: YAMLMap; file: PipelineFile; edit: Edit; hiddenJob: string }[] = [];
    for (const job of shared === undefined ? jobs : [shared]) {
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

  #sharedParent(cluster: Cluster): string | undefined {
    const jobs = new Set(cluster.map(({ job }) => job));
    const item = cluster[0]?.items[0]?.scalar;
    const owner = item && keyText(ownerOf(item.node, item.file)?.key);
    if (owner === undefined || !owner.startsWith('.') || this.#project.mapping(owner).length === 0)
      return undefined;
    const takers = this.#project.visibleJobs().filter((job) => this.#project.ancestors(job).has(owner));
    return takers.length === jobs.size && takers.every((job) => jobs.has(job)) ? owner : undefined;
  }

  #add(file: PipelineFile, edits: readonly Edit[]): void {
    this.#edits.set(file, [...(this.#edits.get(file) ?? []), ...edits]);
  }
}

const quotedInFlow = (name: string) => (/^[\w.-]+$/.test(name) ? name : JSON.stringify(name));

const hiddenJobOf = ({ name, suffix }: ComponentInclude) => hiddenJobs[name] + suffix;

/** How often the files include this component: each include has a hidden job of its own. */
function includedAlready(name: ComponentInclude['name'], project: Project): number {
  return project
    .top('include')
    .flatMap((value) => scalarsIn(value, project))
    .filter(({ node }) => new RegExp(`/${name}@`).test(String(node.value))).length;
}

/** Keys in the pipeline itself are reported; nobody but a person can tell what they are for. */
function staticKeys(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  const holders = ['variables', ...project.jobNames()].flatMap((name) =>
    project.mapping(name).map((one) => [name, one] as const),
  );
  for (const [name, one] of holders) {
    const variables = name === 'variables' ? one : membersOf(one).get('variables');
    if (variables === undefined || !isMap(variables.node)) continue;
    for (const pair of variables.node.items as Pair<Node, Node | null>[]) {
      const key = keyText(pair.key) ?? '';
      if (!/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)$/.test(key)) continue;
      if (mentionsLegacy(String((pair.value as Scalar | null)?.value))) continue;
      notes.set(pair, {
        kind: 'advice',
        file: variables.file.path,
        offset: pair.key.range?.[0] ?? 0,
        message: `${key} is set in the pipeline: a static key`,
        remedy: 'Remove it once the job has a role, and make it inactive in IAM.',
      });
    }
  }
  return [...notes.values()];
}
