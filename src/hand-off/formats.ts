import { AwsOidcError } from '../errors.ts';
import { formatSession as formatDotenvSession } from './dotenv.ts';
import { type Quote, quoteFish, quotePosix, quotePowershell, quoteWindowsCmd } from './quote.ts';
import { type Session, sessionVariables } from './session.ts';

/** The formats in which credentials are handed on as text. */
export const textFormats = {
  dotenv: formatDotenvSession,
  env: lines((name, value) => `export ${name}=${value}`, quotePosix),
  'env-no-export': lines((name, value) => `${name}=${value}`, quotePosix),
  powershell: lines((name, value) => `$Env:${name}=${value}`, quotePowershell),
  'windows-cmd': lines((name, value) => `set ${name}=${value}`, quoteWindowsCmd),
  fish: lines((name, value) => `set -gx ${name} ${value}`, quoteFish),
  process: formatProcess,
  'bash-env': formatBashEnv,
} as const satisfies Record<string, Format>;

export type TextFormat = keyof typeof textFormats;

/** @throws {AwsOidcError} `HAND_OFF_FAILED` if a value cannot be represented in the format */
type Format = (session: Session, prefix: string) => string;

/**
 * The same output as that of `aws configure export-credentials`, character by character.
 * https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html
 */
function lines(line: (name: string, value: string) => string, quote: Quote): Format {
  return (session, prefix) => {
    const variables: readonly (readonly [string, string])[] = [
      ['AWS_ACCESS_KEY_ID', session.accessKeyId],
      ['AWS_SECRET_ACCESS_KEY', session.secretAccessKey],
      ['AWS_SESSION_TOKEN', session.sessionToken],
      ['AWS_CREDENTIAL_EXPIRATION', awsCliTime(session.expiration)],
    ];
    return variables.map(([name, value]) => `${line(prefix + name, quote(checked(name, value)))}\n`).join('');
  };
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
function formatProcess(session: Session): string {
  const credentials = {
    Version: 1,
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: awsCliTime(session.expiration),
  };
  return `${JSON.stringify(credentials, null, 2)}\n`;
}

/** All variables of the dotenv report, for a file that bash or sh reads: CircleCI's BASH_ENV, or our own job. */
function formatBashEnv(session: Session, prefix: string): string {
  const variables = sessionVariables(session, prefix);
  return variables.map(([name, value]) => `export ${name}=${quotePosix(checked(name, value))}\n`).join('');
}

/** The AWS CLI writes Python's ISO format: `2026-01-31T23:59:00+00:00`. */
function awsCliTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z/, '+00:00');
}

function checked(name: string, value: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw new AwsOidcError(
    'HAND_OFF_FAILED',
    `The value of "${name}" must be one line of printable characters`,
  );
}
