import type { Edit } from './edit.ts';
import type { Note } from './note.ts';
import type { PipelineFile } from './pipeline-file.ts';

/** What a step of the migration does: edits by file, and what it leaves. */
export interface Migration {
  readonly edits: ReadonlyMap<PipelineFile, readonly Edit[]>;
  readonly notes: readonly Note[];
  /** What the edits change, for a report. */
  readonly changes: readonly Change[];
}

/** Something that is to be migrated, at a place of the file as it was. */
export interface Change {
  readonly file: string;
  readonly offset: number;
  readonly message: string;
}

/**
 * Steps of several pipelines as one. What two of them do alike, in a file that both have, is done once.
 *
 * @throws {Error} where two edits overlap otherwise, which applying them finds
 */
export function merged(parts: readonly Migration[]): Migration {
  const edits = new Map<PipelineFile, readonly Edit[]>();
  for (const [file, own] of parts.flatMap((one) => [...one.edits])) {
    const known = edits.get(file) ?? [];
    const isNew = ({ start, end, text }: Edit) =>
      !known.some((one) => one.start === start && one.end === end && one.text === text);
    edits.set(file, [...known, ...own.filter(isNew)]);
  }
  return {
    edits,
    notes: distinct(parts.flatMap(({ notes }) => notes)),
    changes: distinct(parts.flatMap(({ changes }) => changes)),
  };
}

function distinct<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
