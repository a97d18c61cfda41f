import { type PipelineFile, parsePipelineFile } from '../../migration/pipeline-file.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { TextError } from '../../text/text-error.ts';
import { errorAtPlace, invalid, readTextFile } from '../input/text-file.ts';

/**
 * Reads and parses one file of a pipeline.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if it does not exist, is not UTF-8, or is not a pipeline
 */
export async function loadPipelineFile(io: CommandLineIo, path: string): Promise<PipelineFile> {
  return parse(path, await readPipeline(io, path));
}

/** The text of a file; if it does not exist, the working directory is usually the wrong one. */
async function readPipeline(io: CommandLineIo, path: string): Promise<string> {
  return await io.readText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') return readTextFile(io, path, path);
    throw invalid(
      path,
      'must be an existing file',
      'Run this in the root of the repository, or specify the pipeline: aws-oidc migrate path/to/pipeline.yml',
    );
  });
}

function parse(path: string, text: string): PipelineFile {
  // decoding replaced invalid bytes, which writing the file would lose
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
