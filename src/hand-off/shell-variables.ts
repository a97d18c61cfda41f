import { AwsOidcError } from '../errors.ts';
import { quotePosix } from './quote.ts';

/**
 * Lines for a POSIX shell that removes some variables and exports others.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED` if a value is not one line of printable characters
 */
export function formatShellVariables(
  exported: Readonly<Record<string, string>>,
  removed: readonly string[] = [],
): string {
  const lines = Object.entries(exported).map(([name, value]) => {
    if (!/^[\x20-\x7e]*$/.test(value)) {
      const message = `The value of "${name}" must be one line of printable characters`;
      throw new AwsOidcError('HAND_OFF_FAILED', message);
    }
    return `export ${name}=${quotePosix(value)}\n`;
  });
  const unset = removed.length === 0 ? '' : `unset ${removed.join(' ')}\n`;
  return unset + lines.join('');
}
