import { AwsOidcError } from '../../errors.ts';
import type { Io } from '../../system/io.ts';
import { placeFinder, quoteLine } from '../../text/place.ts';
import type { TextError } from '../../text/text-error.ts';
import { invalidInput } from '../../validation/invalid-input.ts';

/** @throws {AwsOidcError} `INVALID_INPUT` if the file cannot be read */
export async function readTextFile(io: Io, name: string, path: string): Promise<string> {
  return await io.readText(path).catch((error: NodeJS.ErrnoException) => {
    throw invalid(name, `must be a readable file (${error.code ?? 'not readable'})`, undefined, path);
  });
}

/** An error for one invalid input, of a command that sends nothing. */
export function invalid(name: string, rule: string, hint?: string, value?: string): AwsOidcError {
  return invalidInput([{ name, rule, hint, value }], '');
}

/** An error in a file, with line, column and a caret below the position. */
export function errorAtPlace(
  path: string,
  text: string,
  { message, offset }: TextError,
  hint?: string,
): AwsOidcError {
  const { line, column } = placeFinder(text)(offset);
  const lines = quoteLine(text, offset);
  return new AwsOidcError('INVALID_INPUT', `${path}:${line}:${column}: ${message}`, { lines, hint });
}
