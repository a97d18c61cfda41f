import { AwsOidcError, type ExitCode, exitCodes } from '../errors.ts';
import type { CommandLineIo } from '../io.ts';
import { JobLog } from '../log/job-log.ts';
import { applyEdits, type Edit, offsetBefore } from '../pipeline/edit.ts';
import { legacyMentions } from '../pipeline/legacy-variable.ts';
import type { Migration } from '../pipeline/migration.ts';
import type { Note } from '../pipeline/note.ts';
import { type PipelineFile, parsePipelineFile } from '../pipeline/pipeline-file.ts';
import { Project } from '../pipeline/project.ts';
import { type ComponentOptions, migrateToComponent } from '../pipeline/to-component.ts';
import { migrateToIdTokens, type TokenOptions } from '../pipeline/to-id-tokens.ts';
import { TextError } from '../text/text-error.ts';
import { reportMigration } from './migration-report.ts';
import { type PipelineFiles, readPipelineFiles } from './pipeline-files.ts';
import { reportFailure } from './report-failure.ts';

export interface MigrateFlags extends TokenOptions, ComponentOptions {
  readonly to: 'id-tokens' | 'component';
  readonly write: boolean;
  readonly check: boolean;
  readonly format: 'text' | 'json' | 'codequality';
}

/** What became of one file. */
export interface MigratedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Everything that a report needs. */
export interface MigrationResult {
  readonly files: readonly MigratedFile[];
  readonly changes: Migration['changes'];
  readonly notes: readonly Note[];
  /** Texts of the files that changes and notes are about, as they were. */
  readonly sources: ReadonlyMap<string, string>;
}

/** No script of a repository is longer. */
const maxScriptCharacters = 1_000_000;

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
    const result = migrate(read.files, flags);
    const sources = new Map(read.files.map(({ path, text }) => [path, text]));
    const notes = [...result.notes, ...read.notes, ...(await scriptNotes(io, read, sources))];
    const changed = result.files.filter(({ before, after }) => before !== after);
    if (flags.write && !flags.check) await write(io, changed);
    reportMigration(io, { ...result, files: changed, notes, sources }, flags);
    const left = changed.length > 0 || notes.some(({ kind }) => kind === 'left');
    return flags.check && left ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    return reportFailure(new JobLog(io, []), error);
  }
}

/** Recipes first, where that is asked for: what is left of the legacy variables gets tokens. */
function migrate(files: readonly PipelineFile[], flags: MigrateFlags): Omit<MigrationResult, 'sources'> {
  const steps: ((project: Project) => Migration)[] = [(project) => migrateToIdTokens(project, flags)];
  if (flags.to === 'component') steps.unshift((project) => migrateToComponent(project, flags));
  let present = files;
  const changes: Migration['changes'][number][] = [];
  const notes: Note[] = [];
  // reports are about the files as they were, whatever an earlier step made of them
  const before = new Map<string, readonly Edit[]>();
  const asItWas = <T extends { readonly file: string; readonly offset: number }>(one: T): T => {
    return { ...one, offset: offsetBefore(before.get(one.file) ?? [], one.offset) };
  };
  for (const step of steps) {
    const migration = step(new Project(present));
    changes.push(...migration.changes.map(asItWas));
    notes.push(...migration.notes.map(asItWas));
    present = present.map((file) => edited(file, migration));
    for (const [{ path }, edits] of migration.edits) before.set(path, edits);
  }
  const results = files.map(({ path, text }, index) => ({
    path,
    before: text,
    after: present[index]?.text ?? text,
  }));
  return { files: results, changes, notes };
}

/**
 * What comes out is read again: a migration that breaks a pipeline must not get as far as a file.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`
 */
function edited(file: PipelineFile, { edits }: Migration): PipelineFile {
  const own = edits.get(file) ?? [];
  if (own.length === 0) return file;
  try {
    return parsePipelineFile(file.path, applyEdits(file.text, own));
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new AwsOidcError(
      'INVALID_INPUT',
      `${file.path}: what it would become is no pipeline. Nothing was changed.`,
      {
        hint: 'Its form is unusual, its indentation for example: bring it into the usual one, and report this.',
        cause: error,
      },
    );
  }
}

async function write(io: CommandLineIo, changed: readonly MigratedFile[]): Promise<void> {
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

/** Other files of the repository that name a legacy variable; they are never changed. */
async function scriptNotes(
  io: CommandLineIo,
  { root, listed }: PipelineFiles,
  sources: Map<string, string>,
): Promise<readonly Note[]> {
  const notes: Note[] = [];
  for (const name of listed) {
    const path = `${root}${name}`;
    if (sources.has(path)) continue;
    const text = await io.readText(path).catch(() => '');
    if (text.length > maxScriptCharacters || text.includes('\0')) continue;
    for (const { offset, name: variable } of legacyMentions(text)) {
      const remedy =
        'Put the name of the ID token in its place, and declare the token in the jobs that run it.';
      sources.set(path, text);
      notes.push({
        kind: 'left',
        file: path,
        offset,
        message: `${variable} is empty since GitLab 17.0`,
        remedy,
      });
    }
  }
  return notes;
}
