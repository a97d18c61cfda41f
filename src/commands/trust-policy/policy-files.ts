import type { Io } from '../../system/io.ts';
import { TextError } from '../../text/text-error.ts';
import { findPolicies } from '../../trust-policy/find-policies.ts';
import type { FoundPolicy } from '../../trust-policy/found-policy.ts';
import { errorAtPlace, readTextFile } from '../input/text-file.ts';

/**
 * Reads the trust policies in a file.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with line, column and a caret, if the file cannot be read or parsed
 */
export async function readPolicies(io: Io, path: string): Promise<readonly FoundPolicy[]> {
  const text = await readTextFile(io, path, path);
  try {
    return findPolicies(text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw errorAtPlace(path, text, error);
  }
}
