import { type TextFormat, textFormats } from '../../hand-off/formats.ts';
import { editProfile, profileSection, profileSettings } from '../../hand-off/profile.ts';
import type { Session } from '../../hand-off/session.ts';
import type { Io } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';

/** Where to write credentials, and in which format. */
export interface DestinationFlags {
  /** A text format or `profile`; by default `AWS_OIDC_OUTPUT_FORMAT`, else `dotenv`. */
  readonly outputFormat?: string | undefined;
  /** A file, or `-` for standard output; by default `AWS_OIDC_OUTPUT`, else what the format implies. */
  readonly output?: string | undefined;
  /** Adds to the file instead of replacing it. */
  readonly append?: boolean | undefined;
  /** The profile to write; by default `AWS_PROFILE`, else `default`. */
  readonly profile?: string | undefined;
}

/** A place that a session is handed on to. */
export interface Destination {
  /** For the log: "in aws-oidc.env". */
  readonly name: string;
  /** Removes what an earlier run left, before credentials are requested. */
  prepare(): Promise<void>;
  /**
   * Formats a session; the function that it returns writes the result.
   *
   * @throws {AwsOidcError} `HAND_OFF_FAILED` if a value cannot be represented in the format
   */
  format(session: Session, prefix: string): () => Promise<void>;
}

/** @throws {AwsOidcError} `INVALID_INPUT` for an unknown format or an invalid profile name */
export function destinationFor(io: Io, flags: DestinationFlags): Destination {
  const name = flags.outputFormat ?? (io.env.AWS_OIDC_OUTPUT_FORMAT || 'dotenv');
  const { editPrivateFile } = io;
  if (name === 'profile' && editPrivateFile) return profileDestination({ ...io, editPrivateFile }, flags);
  if (isTextFormat(name)) return textDestination(io, flags, name);
  const names = [...Object.keys(textFormats), ...(editPrivateFile ? ['profile'] : [])];
  throw invalidInput([{ name: '--output-format', rule: `must be one of ${names.join(', ')}`, value: name }]);
}

function textDestination(io: Io, flags: DestinationFlags, name: TextFormat): Destination {
  const format = textFormats[name];
  const output = flags.output ?? (io.env.AWS_OIDC_OUTPUT || impliedOutput(name, io));
  if (output === '-') {
    return {
      name: 'on standard output',
      prepare: async () => {},
      format: (session, prefix) => {
        const text = format(session, prefix);
        return async () => io.out(text);
      },
    };
  }
  // BASH_ENV contains what earlier steps of the job set
  const append = flags.append ?? (name === 'bash-env' && output === io.env.BASH_ENV);
  return {
    name: `in ${output}`,
    prepare: async () => {
      if (!append) await io.clearPrivateFile(output);
    },
    format: (session, prefix) => {
      const text = format(session, prefix);
      return () => (append ? io.appendPrivateFile(output, text) : io.writePrivateFile(output, text));
    },
  };
}

function impliedOutput(format: TextFormat, { env }: Io): string {
  if (format === 'dotenv') return env.AWS_OIDC_DOTENV || 'aws-oidc.env';
  return (format === 'bash-env' && env.BASH_ENV) || '-';
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html */
function profileDestination({ env, editPrivateFile }: Required<Io>, flags: DestinationFlags): Destination {
  const profile = flags.profile ?? (env.AWS_PROFILE || 'default');
  if (!/^[\w.@/+:-]+$/.test(profile)) {
    throw invalidInput([
      { name: '--profile', rule: 'may contain only letters, digits and _.@/+:-', value: profile },
    ]);
  }
  const implied = env.AWS_SHARED_CREDENTIALS_FILE || (env.HOME && `${env.HOME}/.aws/credentials`);
  const file = flags.output ?? (env.AWS_OIDC_OUTPUT || implied);
  if (!file) throw invalidInput([{ name: '--output', rule: 'must be a file if HOME is not set', value: '' }]);
  if (file === '-')
    throw invalidInput([{ name: '--output', rule: 'must be a file for the format profile', value: file }]);
  const inConfig = file === env.AWS_CONFIG_FILE || /(^|\/)config$/.test(file);
  return {
    name: `in the profile ${profile} of ${file}`,
    prepare: async () => {},
    format: (session) => {
      const section = profileSection(profile, inConfig);
      const settings = profileSettings(session, inConfig);
      return () => editPrivateFile(file, (text) => editProfile(text, section, settings));
    },
  };
}

function isTextFormat(name: string): name is TextFormat {
  return Object.hasOwn(textFormats, name);
}
