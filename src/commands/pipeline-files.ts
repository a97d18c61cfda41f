import type { CommandLineIo } from '../io.ts';
import { includesOf } from '../pipeline/local-includes.ts';
import type { Note } from '../pipeline/note.ts';
import { type PipelineFile, parsePipelineFile } from '../pipeline/pipeline-file.ts';
import { wildcardMatcher } from '../pipeline/wildcard.ts';
import { TextError } from '../text/text-error.ts';
import { errorAtPlace, invalid, readTextFile } from './text-file.ts';

/** A pipeline's files, those that are included before those that include them. */
export interface PipelineFiles {
  readonly files: readonly PipelineFile[];
  /** What is included and was not looked at. */
  readonly notes: readonly Note[];
  /** The folder that paths of includes begin at; empty for the present one. */
  readonly root: string;
  /** Every file of the repository, from the root. */
  readonly listed: readonly string[];
}

const maxListedFiles = 20_000;

/**
 * Reads a pipeline and what it includes from its own repository.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with line, column and a caret, where a file is no pipeline
 */
export async function readPipelineFiles(io: CommandLineIo, entry: string): Promise<PipelineFiles> {
  const root = /(^|\/)\.gitlab-ci\.ya?ml$/.test(entry) ? entry.replace(/[^/]*$/, '') : '';
  // what it says would be printed, and written
  if (await io.isLinkOutOf(root || '.', entry).catch(() => false)) {
    throw invalid(
      entry,
      'must not be a symbolic link to a file outside of the repository',
      'Name that file, or work in its repository.',
    );
  }
  const listed = await io.listFiles(root === '' ? '.' : root, maxListedFiles);
  const files: PipelineFile[] = [];
  const notes: Note[] = [];
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const file = parse(path, await readTextFile(io, path, path));
    const includes = includesOf(file);
    notes.push(...includes.notes);
    for (const pattern of includes.local) {
      const found = listed.filter(wildcardMatcher(pattern));
      for (const one of found) await visit(`${root}${one}`);
      if (found.length === 0) notes.push(missing(path, pattern));
    }
    files.push(file);
  };
  await visit(entry);
  return { files, notes, root, listed };
}

function missing(file: string, pattern: string): Note {
  const message = `"${pattern}" is included, and no such file is here`;
  return {
    kind: 'unseen',
    file,
    offset: 0,
    message,
    remedy: 'Correct the path, or run this at the root of the repository.',
  };
}

function parse(path: string, text: string): PipelineFile {
  // what replaces bytes that are no UTF-8: writing it back would lose them
  if (text.includes('\ufffd')) {
    throw invalid(
      path,
      'must be UTF-8',
      'Convert it first, for example with iconv -f latin1 -t utf-8. Nothing was changed.',
    );
  }
  try {
    return parsePipelineFile(path, text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw errorAtPlace(path, text, error, 'Nothing was changed.');
  }
}
