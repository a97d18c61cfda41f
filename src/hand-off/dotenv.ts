import { AwsOidcError } from '../errors.ts';
import { type Session, sessionVariables } from './session.ts';

/** A name and its value. */
type Variable = readonly [string, string];

/** https://docs.gitlab.com/administration/instance_limits/#limit-dotenv-file-size */
export const maxDotenvBytes = 5120;
/** https://docs.gitlab.com/administration/instance_limits/#limit-dotenv-variables */
const maxDotenvVariables = 20;

/**
 * Credentials as a report for `artifacts:reports:dotenv`.
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED`; the message contains names of variables, never values
 */
export function formatSession(session: Session, prefix: string): string {
  return formatDotenv(sessionVariables(session, prefix));
}

/**
 * Lines of KEY=VALUE for GitLab: no quotes, no comments, no blank lines.
 * Grammar: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
 *
 * @throws {AwsOidcError} `HAND_OFF_FAILED` if a name or value cannot be represented, or the report exceeds
 *   GitLab's limits
 */
export function formatDotenv(variables: readonly Variable[]): string {
  const text = dotenvLines(variables);
  if (variables.length > maxDotenvVariables) {
    throw handOffError(
      `A dotenv report can have ${maxDotenvVariables} variables; this one has ${variables.length}`,
    );
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxDotenvBytes) {
    throw handOffError(
      `A dotenv report can have ${maxDotenvBytes} bytes; this one has ${bytes}`,
      'Session policies and session tags make the session token longer. A long env_prefix also counts.',
    );
  }
  return text;
}

/** @throws {AwsOidcError} `HAND_OFF_FAILED` if a name or value cannot be represented */
export function dotenvLines(variables: readonly Variable[]): string {
  for (const [name, value] of variables) checkVariable(name, value);
  return variables.map(([name, value]) => `${name}=${value}\n`).join('');
}

function checkVariable(name: string, value: string): void {
  if (!/^[A-Za-z0-9_]+$/.test(name)) throw handOffError(`"${name}" must be letters, digits and "_"`);
  if (!/^[\x21-\x7e]*$/.test(value)) {
    throw handOffError(`The value of "${name}" must be one line of printable characters without spaces`);
  }
  if (value.includes('$')) {
    throw handOffError(`The value of "${name}" must not contain "$": GitLab would expand it in the next job`);
  }
}

function handOffError(message: string, hint?: string): AwsOidcError {
  return new AwsOidcError('HAND_OFF_FAILED', message, { hint });
}
