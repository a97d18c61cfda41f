import { AwsOidcError, type ExitCode, exitCodes } from '../../errors.ts';
import { type MigratedFile, migrate } from '../../migration/migrate.ts';
import { reportFailure } from '../../output/failure.ts';
import { JobLog } from '../../output/job-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { readPipelineFiles } from './pipeline-files.ts';
import { reportMigration } from './report.ts';
import { readRepositoryTexts } from './repository-texts.ts';
import type { MigrateFlags } from './result.ts';

/**
 * Updates a pipeline that uses a legacy token variable or a pasted recipe: prints the changes, or writes them.
 *
 * @returns with `check`, 1 if something is left to migrate
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
      hint: 'No file is incomplete: each is either unchanged or fully migrated.',
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
    log.notice(`${path} had uncommitted changes: "git diff" shows them together with the migration.`);
  }
}
