import { AwsOidcError } from '../errors.ts';
import { TextError } from '../text/text-error.ts';
import type { ComponentOptions } from './component/component-plan.ts';
import { recipeHint } from './component/job-plan.ts';
import { migrateToComponent } from './component/to-component.ts';
import { applyEdits, type Edit, offsetBefore } from './edit.ts';
import { type Change, type Migration, merged } from './migration.ts';
import type { Note } from './note.ts';
import { type PipelineFile, parsePipelineFile } from './pipeline-file.ts';
import { Project } from './project.ts';
import type { Repository } from './repository.ts';
import { migrateToIdTokens, type TokenOptions } from './tokens/to-id-tokens.ts';

export interface MigrationOptions extends TokenOptions, ComponentOptions {
  readonly to: 'id-tokens' | 'component';
}

/** A pipeline and those that it triggers, as far as the repository has them. */
export interface Pipelines {
  /** The files of each, those that are included before those that include them; a file may be part of several. */
  readonly pipelines: readonly (readonly PipelineFile[])[];
  /** What is included and was not looked at. */
  readonly notes: readonly Note[];
}

/** What became of one file. */
export interface MigratedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Every file, changed or not, with what was done and what is left. */
export interface Migrated {
  readonly files: readonly MigratedFile[];
  readonly changes: readonly Change[];
  readonly notes: readonly Note[];
}

/**
 * Migrates pipelines: recipes first, where that is asked for; what is left of the legacy variables gets tokens.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` where a file is written in a way that the result would be no pipeline
 */
export function migrate(
  { pipelines, notes: unseen }: Pipelines,
  repository: Repository,
  options: MigrationOptions,
): Migrated {
  const steps: ((project: Project) => Migration)[] = [
    (project) => migrateToIdTokens(project, repository, options),
  ];
  if (options.to === 'component') {
    steps.unshift((project) => migrateToComponent(project, repository, options));
  }
  const before = new Map(pipelines.flat().map((file) => [file.path, file]));
  const kind = { hasUnseen: unseen.some((note) => note.kind === 'unseen'), shared: sharedFiles(pipelines) };
  let present: ReadonlyMap<string, PipelineFile> = before;
  const [changes, notes]: [Change[], Note[]] = [[], []];
  // reports are about the files as they were, whatever an earlier step made of them
  const done = new Map<string, readonly Edit[]>();
  const asItWas = <T extends { readonly file: string; readonly offset: number }>(one: T): T => {
    return { ...one, offset: offsetBefore(done.get(one.file) ?? [], one.offset) };
  };
  for (const step of steps) {
    const now = present;
    const projects = pipelines.map(
      (files) =>
        new Project(
          files.map(({ path }) => now.get(path) as PipelineFile),
          kind,
        ),
    );
    const migration = merged(projects.map(step));
    changes.push(...migration.changes.map(asItWas));
    notes.push(...migration.notes.map(asItWas));
    present = new Map([...now].map(([path, file]) => [path, edited(file, migration)]));
    for (const [{ path }, edits] of migration.edits) done.set(path, edits);
  }
  if (options.to === 'id-tokens') notes.push(...hints(pipelines));
  const files = [...before].map(([path, { text }]) => {
    return { path, before: text, after: present.get(path)?.text ?? text };
  });
  return { files, changes, notes };
}

function hints(pipelines: Pipelines['pipelines']): readonly Note[] {
  return pipelines.flatMap((files) => recipeHint(new Project(files))).slice(0, 1);
}

/** Files that several pipelines include: what is changed there is changed for all of them. */
function sharedFiles(pipelines: Pipelines['pipelines']): ReadonlySet<string> {
  const paths = pipelines.flatMap((files) => files.map(({ path }) => path));
  return new Set(paths.filter((path, index) => paths.indexOf(path) !== index));
}

/** What comes out is read again: a migration that breaks a pipeline must not get as far as a file. */
function edited(file: PipelineFile, { edits }: Migration): PipelineFile {
  const own = edits.get(file) ?? [];
  if (own.length === 0) return file;
  if (overlap(own)) {
    throw refusal(file, 'several pipelines that include it need different changes', {
      hint: 'Give each of them a file of its own, or migrate this one by hand.',
    });
  }
  try {
    return parsePipelineFile(file.path, applyEdits(file.text, own));
  } catch (cause) {
    if (!(cause instanceof TextError)) throw cause;
    throw refusal(file, 'what it would become is no pipeline', {
      hint: 'Its form is unusual, its indentation for example: bring it into the usual one, and report this.',
      cause,
    });
  }
}

function refusal(
  { path }: PipelineFile,
  why: string,
  details: { hint: string; cause?: Error },
): AwsOidcError {
  return new AwsOidcError('INVALID_INPUT', `${path}: ${why}. Nothing was changed.`, details);
}

function overlap(edits: readonly Edit[]): boolean {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  return sorted.some(({ start }, index) => start < (sorted[index - 1]?.end ?? 0));
}
