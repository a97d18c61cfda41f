import type { Edit } from '../edit.ts';
import { includeEdit } from '../include-edit.ts';
import type { PipelineFile } from '../pipeline-file.ts';
import type { Project } from '../project.ts';
import { scalarsIn } from '../scalars.ts';
import { type ComponentInclude, includeLines } from './component-include.ts';
import type { Choice } from './component-inputs.ts';

/** The components that the migration includes, each with its inputs. */
export class IncludedComponents {
  readonly #project: Project;
  readonly #includes: ComponentInclude[] = [];

  constructor(project: Project) {
    this.#project = project;
  }

  /** The include for a component with these inputs: one that exists, or a new one that is not added yet. */
  includeFor({ name, inputs }: Choice): ComponentInclude {
    const own = this.#includes.filter((one) => one.name === name);
    const same = own.find((one) => JSON.stringify(one.inputs) === JSON.stringify(inputs));
    if (same !== undefined) return same;
    const number = own.length + this.#countBefore(name) + 1;
    return { name, inputs, suffix: number === 1 ? '' : `-${number}` };
  }

  add(include: ComponentInclude): void {
    if (!this.#includes.includes(include)) this.#includes.push(include);
  }

  /** The edit of the pipeline's main file; undefined if nothing is included. */
  edit(
    where: Parameters<typeof includeLines>[1],
  ): { readonly file: PipelineFile; readonly edit: Edit } | undefined {
    const file = this.#project.files.at(-1);
    if (file === undefined || this.#includes.length === 0) return undefined;
    return {
      file,
      edit: includeEdit(
        file,
        this.#includes.flatMap((one) => includeLines(one, where)),
      ),
    };
  }

  /** How often the files include this component already: each include has a hidden job of its own. */
  #countBefore(name: ComponentInclude['name']): number {
    return this.#project
      .top('include')
      .flatMap((value) => scalarsIn(value, this.#project))
      .filter(({ node }) => new RegExp(`/${name}@`).test(String(node.value))).length;
  }
}
