import type { Edit } from './edit.ts';
import type { Note } from './note.ts';
import type { PipelineFile } from './pipeline-file.ts';

/** The result of a step of the migration: edits by file, and notes about what is left. */
export interface Migration {
  readonly edits: ReadonlyMap<PipelineFile, readonly Edit[]>;
  readonly notes: readonly Note[];
  /** Descriptions of the edits, for a report. */
  readonly changes: readonly Change[];
}

/** A migrated part of a file, at its place in the original file. */
export interface Change {
  readonly file: string;
  readonly offset: number;
  readonly message: string;
}

/**
 * Merges the same step of several pipelines. Edits that two of them make in a shared file are made once.
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
