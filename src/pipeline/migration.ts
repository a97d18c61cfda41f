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
