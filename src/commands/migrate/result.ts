import type { Change } from '../../migration/change.ts';
import type { MigratedFile, MigrationOptions } from '../../migration/migrate.ts';
import type { Note } from '../../migration/note.ts';

export interface MigrateFlags extends MigrationOptions {
  readonly write: boolean;
  readonly check: boolean;
  readonly format: 'text' | 'json' | 'codequality';
}

/** Everything that a report needs. */
export interface MigrationResult {
  readonly files: readonly MigratedFile[];
  readonly changes: readonly Change[];
  readonly notes: readonly Note[];
  /** Original texts of the files that changes and notes refer to. */
  readonly sources: ReadonlyMap<string, string>;
}
