import { AwsOidcError } from '../errors.ts';
import type { Io } from '../io.ts';
import { placeFinder, quoteLine } from '../text/place.ts';
import type { TextError } from '../text/text-error.ts';

/** @throws {AwsOidcError} `INVALID_INPUT` where the file cannot be read */
export async function readTextFile(io: Io, name: string, path: string): Promise<string> {
  return await io.readText(path).catch((error: NodeJS.ErrnoException) => {
    throw invalid(name, `must name a readable file (${error.code ?? 'not readable'})`, undefined, path);
  });
}

/** One input that is not right, as an error. */
export function invalid(name: string, rule: string, hint?: string, value?: string): AwsOidcError {
  return new AwsOidcError('INVALID_INPUT', 'One input is not right.', {
    problems: [{ name, rule, hint, value }],
  });
}

/** What is wrong with a file, with line, column and a caret below the place. */
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
