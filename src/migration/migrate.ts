import { AwsOidcError } from '../errors.ts';
import { TextError } from '../text/text-error.ts';
import { type Change, type Migration, merged } from './change.ts';
import type { ComponentOptions } from './component/component-plan.ts';
import { recipeHint } from './component/job-plan.ts';
import { migrateToComponent } from './component/to-component.ts';
import { applyEdits, type Edit, offsetBefore } from './edit.ts';
import type { Note } from './note.ts';
import { type PipelineFile, parsePipelineFile } from './pipeline-file.ts';
import { Project } from './project.ts';
import type { Repository } from './repository.ts';
import { migrateToIdTokens, type TokenOptions } from './tokens/to-id-tokens.ts';

export interface MigrationOptions extends TokenOptions, ComponentOptions {
  readonly to: 'id-tokens' | 'component';
}

/** A pipeline and those that it triggers, as far as the repository contains them. */
export interface Pipelines {
  /** The files of each, included files before those that include them. A file may belong to several pipelines. */
  readonly pipelines: readonly (readonly PipelineFile[])[];
  /** Includes that were not read. */
  readonly notes: readonly Note[];
}

/** A file before and after the migration. */
export interface MigratedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Every file, changed or not, with the changes and with what is left. */
export interface Migrated {
  readonly files: readonly MigratedFile[];
  readonly changes: readonly Change[];
  readonly notes: readonly Note[];
}

/**
 * Migrates pipelines: first recipes, if requested; then the remaining legacy variables get tokens.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if the result would not be a valid pipeline
 */
export function migrate(read: Pipelines, repository: Repository, options: MigrationOptions): Migrated {
  const { pipelines } = read;
  const before = new Map(pipelines.flat().map((file) => [file.path, file]));
  const [changes, notes]: [Change[], Note[]] = [[], []];
  let present: ReadonlyMap<string, PipelineFile> = before;
  // reports refer to the original files, even after an earlier step changed them
  const done = new Map<string, readonly Edit[]>();
  const original = <T extends { readonly file: string; readonly offset: number }>(one: T): T => {
    return { ...one, offset: offsetBefore(done.get(one.file) ?? [], one.offset) };
  };
  for (const step of stepsFor(repository, options)) {
    const migration = merged(projectsOf(read, present).map(step));
    changes.push(...migration.changes.map(original));
    notes.push(...migration.notes.map(original));
    present = new Map([...present].map(([path, file]) => [path, edited(file, migration)]));
    for (const [{ path }, edits] of migration.edits) done.set(path, edits);
  }
  if (options.to === 'id-tokens') notes.push(...hints(pipelines));
  const files = [...before].map(([path, { text }]) => {
    return { path, before: text, after: present.get(path)?.text ?? text };
  });
  return { files, changes, notes };
}

function stepsFor(
  repository: Repository,
  options: MigrationOptions,
): readonly ((project: Project) => Migration)[] {
  const toIdTokens = (project: Project) => migrateToIdTokens(project, repository, options);
  const toComponent = (project: Project) => migrateToComponent(project, repository, options);
  return options.to === 'component' ? [toComponent, toIdTokens] : [toIdTokens];
}

/** @param present the files after the previous step, by path */
function projectsOf(
  { pipelines, notes }: Pipelines,
  present: ReadonlyMap<string, PipelineFile>,
): readonly Project[] {
  const kind = { hasUnseen: notes.some((note) => note.kind === 'unseen'), shared: sharedFiles(pipelines) };
  return pipelines.map(
    (files) =>
      new Project(
        files.map(({ path }) => present.get(path) as PipelineFile),
        kind,
      ),
  );
}

function hints(pipelines: Pipelines['pipelines']): readonly Note[] {
  return pipelines.flatMap((files) => recipeHint(new Project(files))).slice(0, 1);
}

/** Files that several pipelines include: a change affects all of them. */
function sharedFiles(pipelines: Pipelines['pipelines']): ReadonlySet<string> {
  const paths = pipelines.flatMap((files) => files.map(({ path }) => path));
  return new Set(paths.filter((path, index) => paths.indexOf(path) !== index));
}

/** The result is parsed again, so that a broken pipeline is never written. */
function edited(file: PipelineFile, { edits }: Migration): PipelineFile {
  const own = edits.get(file) ?? [];
  if (own.length === 0) return file;
  if (overlap(own)) {
    throw refusal(file, 'several pipelines that include it need different changes', {
      hint: 'Give each of them its own file, or migrate this one by hand.',
    });
  }
  try {
    return parsePipelineFile(file.path, applyEdits(file.text, own));
  } catch (cause) {
    if (!(cause instanceof TextError)) throw cause;
    throw refusal(file, 'the result would not be a valid pipeline', {
      hint: 'Its form is unusual, for example its indentation: change it to the usual form, and report this.',
      cause,
    });
  }
}

function refusal(
  { path }: PipelineFile,
  why: string,
  details: { hint: string; cause?: Error },
): AwsOidcError {
  return new AwsOidcError('INVALID_INPUT', `${path}: ${why}. No file was changed.`, details);
}

function overlap(edits: readonly Edit[]): boolean {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  return sorted.some(({ start }, index) => start < (sorted[index - 1]?.end ?? 0));
}
