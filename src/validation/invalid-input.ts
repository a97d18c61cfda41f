import { AwsOidcError, type Problem } from '../errors.ts';

/**
 * An error that lists all problems of the input.
 *
 * @param consequence a sentence that is appended to the message
 */
export function invalidInput(problems: readonly Problem[], consequence = 'Nothing was sent.'): AwsOidcError {
  const count = problems.length === 1 ? 'Invalid input.' : `${problems.length} invalid inputs.`;
  return new AwsOidcError('INVALID_INPUT', `${count} ${consequence}`.trimEnd(), { problems });
}
