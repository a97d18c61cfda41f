import { AwsOidcError } from '../errors.ts';
import type { Io } from '../io.ts';
import { placeFinder, quoteLine } from '../text/place.ts';
import { type FoundPolicy, findPolicies } from '../trust-policy/documents.ts';
import { SourceError } from '../trust-policy/source.ts';
import { readTextFile } from './read-claims.ts';

/**
 * The trust policies of a file.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with line, column and a caret, where the file is not to be understood
 */
export async function readPolicies(io: Io, path: string): Promise<readonly FoundPolicy[]> {
  const text = await readTextFile(io, path, path);
  try {
    return findPolicies(text);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const { line, column } = placeFinder(text)(error.offset);
    throw new AwsOidcError('INVALID_INPUT', `${path}:${line}:${column}: ${error.message}`, {
      lines: quoteLine(text, error.offset),
    });
  }
}
