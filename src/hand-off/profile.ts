import { AwsOidcError } from '../errors.ts';
import type { Session } from './session.ts';

/**
 * The settings of a session for the AWS CLI's configuration files.
 *
 * @param inConfig true for the config file, false for the credentials file
 * @throws {AwsOidcError} `HAND_OFF_FAILED` if a value cannot be written as one line
 */
export function profileSettings(session: Session, inConfig: boolean): Readonly<Record<string, string>> {
  const settings = {
    aws_access_key_id: session.accessKeyId,
    aws_secret_access_key: session.secretAccessKey,
    aws_session_token: session.sessionToken,
    // https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html: only the config file has it
    ...(inConfig && { region: session.region }),
  };
  for (const [name, value] of Object.entries(settings)) {
    if (/^[\x21-\x7e]+$/.test(value)) continue;
    throw new AwsOidcError(
      'HAND_OFF_FAILED',
      `The value of "${name}" must be one line of printable characters`,
    );
  }
  return settings;
}

/** A line that sets a key; an indented one belongs to the line above it. */
const setting = /^(([A-Za-z0-9_]+)[ \t]*=[ \t]*)[^\r\n]*((?:\r?\n)?)$/;

/** `NAME` in the credentials file; `profile NAME` in the config file, except for the default profile. */
export function profileSection(name: string, inConfig: boolean): string {
  return inConfig && name !== 'default' ? `profile ${name}` : name;
}

/**
 * Sets keys in one section of an AWS configuration file and keeps every other byte: comments, spacing,
 * line ends, order, other sections. If a section exists twice, its keys are changed in both places.
 *
 * @param text the file, decoded as latin1 (one character per byte), so that every byte is kept
 * @param section the text between the brackets
 */
export function editProfile(
  text: string,
  section: string,
  settings: Readonly<Record<string, string>>,
): string {
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? '\n';
  const missing = new Map(Object.entries(settings));
  let current: string | undefined;
  const lines = text.split(/(?<=\n)/).map((line) => {
    current = headerName(line) ?? current;
    if (current !== section) return line;
    return line.replace(setting, (_, before: string, key: string, end: string) => {
      // the old name of the session token, which boto reads first
      const name = key.toLowerCase().replace('aws_security_token', 'aws_session_token');
      if (!Object.hasOwn(settings, name)) return line;
      missing.delete(name);
      return `${before}${settings[name]}${end}`;
    });
  });
  const first = lines.findIndex((line) => headerName(line) === section);
  const header = lines[first];
  if (header === undefined) return text + newSection(text, section, settings, lineEnd);
  const added = [...missing].map(([key, value]) => `${key} = ${value}`);
  lines[first] = header.endsWith('\n')
    ? header + added.map((line) => line + lineEnd).join('')
    : [header, ...added].join(lineEnd);
  return lines.join('');
}

function newSection(
  text: string,
  section: string,
  settings: Readonly<Record<string, string>>,
  lineEnd: string,
): string {
  const gap = text === '' ? '' : text.endsWith('\n') ? lineEnd : lineEnd + lineEnd;
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}${lineEnd}`);
  return `${gap}[${section}]${lineEnd}${lines.join('')}`;
}

/** Spaces next to the brackets are ignored, and several spaces count as one. */
function headerName(line: string): string | undefined {
  return /^[ \t]*\[([^\]]*)\]/
    .exec(line)?.[1]
    ?.trim()
    .replace(/[ \t]+/g, ' ');
}
