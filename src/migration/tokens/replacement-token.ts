import type { Change } from '../change.ts';
import type { Edit } from '../edit.ts';
import { left, type Note } from '../note.ts';
import type { PipelineFile } from '../pipeline-file.ts';
import type { Project } from '../project.ts';
import type { LegacyUse } from './legacy-use.ts';
import { legacyMentions } from './legacy-variable.ts';
import { TokenNames } from './token-names.ts';
import { TokenPlaces } from './token-places.ts';

/** Which tokens are declared, and which legacy variables are replaced. */
export class TokenPlan {
  readonly notes: Note[] = [];
  readonly changes: Change[] = [];
  readonly #names: TokenNames;
  readonly #places: TokenPlaces;
  readonly #edits = new Map<PipelineFile, Edit[]>();

  constructor(project: Project) {
    this.#names = new TokenNames(project);
    this.#places = new TokenPlaces(project);
  }

  edits(): ReadonlyMap<PipelineFile, readonly Edit[]> {
    const edits = new Map<PipelineFile, Edit[]>(this.#edits);
    for (const [file, edit] of this.#places.edits()) edits.set(file, [...(edits.get(file) ?? []), edit]);
    return edits;
  }

  /** Replaces legacy variables with a token, and declares it for the jobs of the use. */
  replace(use: LegacyUse, audience: string): void {
    const name = this.#names.nameFor(use, audience);
    const obstacle = this.#places.declare({ name, audience }, use);
    if (obstacle === undefined) {
      this.#rename(use, name);
      return;
    }
    // without its token, the new variable would be as empty as the old one
    const { node, file } = use.scalar;
    this.notes.push(left(file, node, obstacle, `Declare the token ${name} by hand, and use its name here.`));
  }

  /** Uses a token that all jobs have for the same service, since a person has chosen its audience. */
  reuse(use: LegacyUse): boolean {
    const name = this.#names.existing(use);
    if (name === undefined) return false;
    this.#rename(use, name);
    return true;
  }

  #rename({ scalar: { node, file }, mentions }: LegacyUse, name: string): void {
    const [start = 0, end = 0] = node.range ?? [];
    const found = legacyMentions(file.text.slice(start, end));
    if (found.length !== legacyMentions(String(node.value)).length) {
      this.notes.push(
        left(file, node, 'the name of the variable contains escapes', `Replace it with ${name} by hand.`),
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
        message: `${mention.name} has been empty since GitLab 17.0; ${name} replaces it`,
      });
    }
  }

  #edit(file: PipelineFile, edit: Edit): void {
    const known = this.#edits.get(file) ?? [];
    if (known.some((one) => one.start === edit.start && one.end === edit.end && one.text === edit.text))
      return;
    this.#edits.set(file, [...known, edit]);
  }
}
