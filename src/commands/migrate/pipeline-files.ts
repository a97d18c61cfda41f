import { posix } from 'node:path';
import { childPipelinesOf, type Includes, includesOf } from '../../migration/local-includes.ts';
import type { Pipelines } from '../../migration/migrate.ts';
import type { Note } from '../../migration/note.ts';
import type { PipelineFile } from '../../migration/pipeline-file.ts';
import { wildcardMatcher } from '../../migration/wildcard.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { invalid } from '../input/text-file.ts';
import { loadPipelineFile } from './pipeline-text.ts';

/** Pipelines, and the repository that contains them. */
export interface PipelineFiles extends Pipelines {
  /** The folder that include paths are relative to; empty for the working directory. */
  readonly root: string;
  /** Every file of the repository, relative to the root. */
  readonly listed: readonly string[];
}

const maxListedFiles = 20_000;

/**
 * Reads a pipeline, what it includes from its own repository, and the pipelines that it triggers there.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`, with line, column and a caret, if a file is not a pipeline
 */
export async function readPipelineFiles(io: CommandLineIo, entry: string): Promise<PipelineFiles> {
  const path = posix.normalize(entry);
  const root = await rootOf(io, path);
  // its content would be printed, and the file written
  if (await io.isLinkOutOf(root || '.', path).catch(() => false)) {
    throw invalid(
      path,
      'must not be a symbolic link to a file outside the repository',
      'Specify that file, or run this in its repository.',
    );
  }
  const reader = new PipelineReader(io, root, await io.listFiles(root === '' ? '.' : root, maxListedFiles));
  await reader.readEntry(path);
  return { pipelines: reader.pipelines, notes: reader.notes, root, listed: reader.listed };
}

/** The root of the repository that contains a file. */
async function rootOf(io: CommandLineIo, path: string): Promise<string> {
  const folder = posix.dirname(path);
  const above = await io.repositoryAbove(folder);
  if (above !== undefined) {
    const root = posix.join(folder, above);
    return root === '..' || root === '.' ? '' : root.replace(/\/?$/, '/');
  }
  return /(^|\/)\.gitlab-ci\.ya?ml$/.test(path) ? path.replace(/[^/]*$/, '') : '';
}

class PipelineReader {
  readonly pipelines: (readonly PipelineFile[])[] = [];
  readonly notes: Note[] = [];
  readonly listed: readonly string[];
  readonly #io: CommandLineIo;
  readonly #root: string;
  readonly #files = new Map<string, PipelineFile>();
  /** The entries of each pipeline, so that none is read twice. */
  readonly #begun = new Set<string>();
  /** The number of variants of the current pipeline: one for each file that a variable can select. */
  #variants = 1;

  constructor(io: CommandLineIo, root: string, listed: readonly string[]) {
    this.#io = io;
    this.#root = root;
    this.listed = listed;
  }

  async readEntry(path: string): Promise<void> {
    await this.#readPipeline([path]);
  }

  async #readPipeline(entries: readonly string[]): Promise<void> {
    const begin = entries.join('\n');
    if (entries.length === 0 || this.#begun.has(begin)) return;
    this.#begun.add(begin);
    this.#variants = 1;
    for (let variant = 0; variant < Math.min(this.#variants, maxVariants); variant++) {
      const files: PipelineFile[] = [];
      const seen = new Set<string>();
      for (const entry of entries) await this.#visit(entry, variant, files, seen);
      this.pipelines.push(files);
    }
    for (const file of this.pipelines.flat()) {
      for (const child of childPipelinesOf(file)) {
        await this.#readPipeline(this.#matches(file, child, 0).flat());
      }
    }
  }

  async #visit(path: string, variant: number, files: PipelineFile[], seen: Set<string>): Promise<void> {
    if (seen.has(path)) return;
    seen.add(path);
    const file = await this.#read(path);
    for (const found of this.#matches(file, includesOf(file), variant)) {
      for (const one of found) await this.#visit(one, variant, files, seen);
    }
    files.push(file);
  }

  async #read(path: string): Promise<PipelineFile> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const file = await loadPipelineFile(this.#io, path);
    this.#files.set(path, file);
    return file;
  }

  /** The files that each pattern matches; of those that a variable can select, one for each variant. */
  #matches(file: PipelineFile, { local, notes }: Includes, variant: number): readonly (readonly string[])[] {
    for (const note of notes) this.#note(note);
    return local.map((pattern) => {
      const isChosen = pattern.includes('$');
      const glob = pattern.replace(/\$\{?\w+\}?/g, '*');
      // a variable without a folder could be any file
      const isVague = isChosen && !/^[^*]+\/.*\.ya?ml$/.test(glob);
      const found = isVague
        ? []
        : this.listed.filter(wildcardMatcher(glob)).map((one) => `${this.#root}${one}`);
      if (found.length === 0) this.#note(isVague ? unknown(file.path, pattern) : missing(file.path, pattern));
      if (!isChosen || found.length < 2) return found;
      this.#variants = Math.max(this.#variants, found.length);
      return [found[Math.min(variant, found.length - 1)] ?? ''];
    });
  }

  #note(note: Note): void {
    const isSame = (one: Note) => one.file === note.file && one.message === note.message;
    if (!this.notes.some(isSame)) this.notes.push(note);
  }
}

/** Variants beyond this number are not read. */
const maxVariants = 50;

/** A note about an include that was not read. */
function unseen(file: string, message: string, remedy: string): Note {
  return { kind: 'unseen', file, offset: 0, message, remedy };
}

function unknown(file: string, pattern: string): Note {
  const message = `"${pattern}" could be any file, and was not read`;
  return unseen(file, message, 'Run the migration for the files that it refers to.');
}

function missing(file: string, pattern: string): Note {
  const message = `"${pattern}" is included, but no such file exists`;
  return unseen(file, message, 'Correct the path, or run this in the root of the repository.');
}
