import { AwsOidcError, type Problem } from '../errors.ts';

/**
 * Input that breaks rules, as an error that names each of them.
 *
 * @param consequence what the user may want to know beside that
 */
export function invalidInput(problems: readonly Problem[], consequence = 'Nothing was sent.'): AwsOidcError {
  const count = problems.length === 1 ? 'Invalid input.' : `${problems.length} invalid inputs.`;
  return new AwsOidcError('INVALID_INPUT', `${count} ${consequence}`.trimEnd(), { problems });
}
