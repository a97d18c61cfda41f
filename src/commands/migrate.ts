import { AwsOidcError, type ExitCode, exitCodes } from '../errors.ts';
import type { CommandLineIo } from '../io.ts';
import { JobLog } from '../log/job-log.ts';
import { type MigratedFile, type MigrationOptions, migrate } from '../pipeline/migrate.ts';
import type { Change } from '../pipeline/migration.ts';
import type { Note } from '../pipeline/note.ts';
import { reportMigration } from './migration-report.ts';
import { readPipelineFiles } from './pipeline-files.ts';
import { reportFailure } from './report-failure.ts';
import { readRepositoryTexts } from './repository-texts.ts';

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
  /** Texts of the files that changes and notes are about, as they were. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Mends a pipeline that uses a legacy token variable or a pasted recipe: prints the difference, or writes it.
 *
 * @returns with `check`, 1 where something is left to migrate
 */
export async function migrateCommand(
  io: CommandLineIo,
  entry: string,
  flags: MigrateFlags,
): Promise<ExitCode> {
  try {
    const read = await readPipelineFiles(io, entry);
    const paths = new Map(read.pipelines.flat().map(({ path, text }) => [path, text]));
    const texts = await readRepositoryTexts(io, read, paths);
    const result = migrate(read, texts.repository, flags);
    const notes = [...result.notes, ...read.notes, ...texts.notes];
    const changed = result.files.filter(({ before, after }) => before !== after);
    if (flags.write && !flags.check) await write(io, changed, read.root);
    reportMigration(
      io,
      { ...result, files: changed, notes, sources: new Map([...paths, ...texts.sources]) },
      flags,
    );
    const left = changed.length > 0 || notes.some(({ kind }) => kind === 'left');
    return flags.check && left ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    return reportFailure(new JobLog(io, []), error);
  }
}

async function write(io: CommandLineIo, changed: readonly MigratedFile[], root: string): Promise<void> {
  await noticeUncommitted(io, changed, root);
  try {
    await io.replaceFiles(new Map(changed.map(({ path, after }) => [path, after])));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new AwsOidcError('HAND_OFF_FAILED', `The files cannot be written (${code}).`, {
      hint: 'Every file is whole, as it was or as it should be.',
      cause: error,
    });
  }
}

async function noticeUncommitted(
  io: CommandLineIo,
  changed: readonly MigratedFile[],
  root: string,
): Promise<void> {
  const uncommitted = await io.uncommittedFiles(root);
  for (const { path } of changed) {
    if (!uncommitted.has(path.slice(root.length))) continue;
    const log = new JobLog(io, []);
    log.notice(
      `${path} had changes that are not committed: "git diff" shows these and the migration together.`,
    );
  }
}
