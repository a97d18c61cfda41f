import type { Change } from '../change.ts';
import type { Edit } from '../edit.ts';
import type { Located } from '../located.ts';
import type { Note } from '../note.ts';
import { keyText, ownerOf, type PipelineFile } from '../pipeline-file.ts';
import type { Project } from '../project.ts';
import { missingScripts } from '../recipe/job-programs.ts';
import type { Obstacle } from '../recipe/obstacle.ts';
import { type Cluster, otherRunner, type Runners, runnersIn } from './cluster.ts';
import { chooseComponent } from './component-choice.ts';
import { type ComponentInclude, hiddenJobs } from './component-include.ts';
import type { Choice } from './component-inputs.ts';
import { IncludedComponents } from './included-components.ts';
import { JobExtensions } from './job-extensions.ts';
import { type JobRecipe, leftNote } from './job-plan.ts';
import { cannotBeCut, cutsOf } from './recipe-cuts.ts';

export interface ComponentOptions {
  /** The path of the components, without a component's name. */
  readonly component: string;
  readonly version: string;
  /** The requested audience of the tokens. */
  readonly audience: string | undefined;
}

/** Which components are included for which jobs, and which commands they replace. */
export class ComponentPlan {
  readonly notes: Note[] = [];
  readonly changes: Change[] = [];
  readonly #project: Project;
  readonly #options: ComponentOptions;
  readonly #runners: Runners;
  readonly #includes: IncludedComponents;
  readonly #extensions: JobExtensions;
  readonly #edits = new Map<PipelineFile, Edit[]>();

  constructor(project: Project, options: ComponentOptions) {
    this.#project = project;
    this.#options = options;
    this.#runners = runnersIn(project);
    this.#includes = new IncludedComponents(project);
    this.#extensions = new JobExtensions(project);
  }

  edits(): ReadonlyMap<PipelineFile, readonly Edit[]> {
    const include = this.#includes.edit(this.#options);
    if (include !== undefined) this.#add(include.file, include.edit);
    return this.#edits;
  }

  /** Replaces the recipes of a cluster, or reports why they are left. */
  replace(cluster: Cluster): void {
    const choices = cluster.map((one) => chooseComponent(one, this.#project, this.#options.audience));
    const index = choices.findIndex((choice) => 'message' in choice);
    const obstacle =
      index < 0 ? this.#together(cluster, choices as readonly Choice[]) : (choices[index] as Obstacle);
    if (obstacle === undefined) return;
    this.notes.push(leftNote(cluster[Math.max(index, 0)] as JobRecipe, obstacle));
  }

  /** Replaces recipes that share text; if that is not possible, nothing is changed. */
  #together(cluster: Cluster, choices: readonly Choice[]): Obstacle | undefined {
    const [choice] = choices as readonly [Choice, ...Choice[]];
    const obstacle = this.#conflict(cluster, choices) ?? this.#placeObstacle(cluster);
    if (obstacle !== undefined) return obstacle;
    const include = this.#includes.includeFor(choice);
    const cuts = cutsOf(cluster, `!reference [${quotedInFlow(hiddenJobOf(include))}, before_script]`);
    if ('message' in cuts) return cuts;
    const extensions = this.#extensions.of(cluster, hiddenJobOf(include));
    if (extensions === undefined) return cannotBeCut;
    this.#includes.add(include);
    this.#extensions.add(extensions);
    for (const [file, edit] of cuts) this.#add(file, edit);
    for (const { file, edit } of extensions) this.#add(file, edit);
    this.#report(cluster, choice);
    return undefined;
  }

  /** Jobs that share the text and need something else. */
  #conflict(cluster: Cluster, [choice, ...others]: readonly Choice[]): Obstacle | undefined {
    if (others.some((one) => JSON.stringify(one) !== JSON.stringify(choice))) {
      return {
        message: 'its values differ from job to job',
        remedy: 'Include a component for each of these jobs by hand.',
      };
    }
    const runner = otherRunner(cluster, this.#runners);
    if (runner === undefined) return undefined;
    return {
      message: `the job "${runner}" also runs a part of it`,
      remedy: 'Give that job a script of its own.',
    };
  }

  /** Texts that jobs of other pipelines or of unread files may run. */
  #placeObstacle(cluster: Cluster): Obstacle | undefined {
    const texts = cluster.flatMap(({ items }) => items.map(({ scalar }) => scalar));
    const entry = this.#project.files.at(-1);
    if (
      texts.some(({ file }) => this.#project.shared.has(file.path)) ||
      this.#project.shared.has(entry?.path ?? '')
    ) {
      return {
        message:
          'it belongs to several pipelines: parent and child, or those that a variable in an include selects',
        remedy: 'Include the component by hand in each of them.',
      };
    }
    if (this.#project.hasUnseen && texts.some(isForEveryJob)) {
      return {
        message: 'every job runs it, and files that were not read may contain more jobs',
        remedy: 'Give the jobs that need AWS a before_script of their own.',
      };
    }
    return undefined;
  }

  #report(cluster: Cluster, { name }: Choice): void {
    const item = cluster[0]?.items[0]?.scalar;
    const place = { file: item?.file.path ?? '', offset: item?.node.range?.[0] ?? 0 };
    this.changes.push({ ...place, message: `a pasted recipe, which the component "${name}" replaces` });
    for (const { found } of cluster) {
      if ('message' in found) continue;
      for (const script of missingScripts(found.around)) {
        this.notes.push({
          kind: 'unseen',
          ...place,
          message: `"${script}" is not in this repository and was not read`,
          remedy: 'If it reads AWS_ACCESS_KEY_ID itself, use the component "same-job" for the job.',
        });
      }
    }
  }

  #add(file: PipelineFile, edit: Edit): void {
    this.#edits.set(file, [...(this.#edits.get(file) ?? []), edit]);
  }
}

/** Is a script in `default`, or at the top level? */
function isForEveryJob({ node, file }: Located<JobRecipe['items'][number]['scalar']['node']>): boolean {
  return ['default', 'before_script', 'after_script'].includes(keyText(ownerOf(node, file)?.key) ?? '');
}

const quotedInFlow = (name: string) => (/^[\w.-]+$/.test(name) ? name : JSON.stringify(name));

const hiddenJobOf = ({ name, suffix }: ComponentInclude) => hiddenJobs[name] + suffix;
