import { type TextFormat, textFormats } from '../../hand-off/formats.ts';
import { editProfile, profileSection, profileSettings } from '../../hand-off/profile.ts';
import type { Session } from '../../hand-off/session.ts';
import type { Io } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';

/** Where credentials shall go, and in which form. */
export interface DestinationFlags {
  /** A text format or `profile`; `AWS_OIDC_OUTPUT_FORMAT`, else `dotenv`, where it is left out. */
  readonly outputFormat?: string | undefined;
  /** A file, or `-` for standard output; `AWS_OIDC_OUTPUT`, else what the format implies. */
  readonly output?: string | undefined;
  /** Keeps what the file has. */
  readonly append?: boolean | undefined;
  /** The profile that is written; `AWS_PROFILE`, else `default`, where it is left out. */
  readonly profile?: string | undefined;
}

/** A place that a session is handed on to. */
export interface Destination {
  /** For the log: "in aws-oidc.env". */
  readonly name: string;
  /** Makes sure that nothing of an earlier run is left, before anything is asked for. */
  prepare(): Promise<void>;
  /**
   * Puts a session into its form; what it returns writes that down.
   *
   * @throws {AwsOidcError} `HAND_OFF_FAILED` when a value has no faithful form
   */
  format(session: Session, prefix: string): () => Promise<void>;
}

/** @throws {AwsOidcError} `INVALID_INPUT` for a format that there is none of, or a profile that has no name */
export function destinationFor(io: Io, flags: DestinationFlags): Destination {
  const name = flags.outputFormat ?? (io.env.AWS_OIDC_OUTPUT_FORMAT || 'dotenv');
  const { editPrivateFile } = io;
  if (name === 'profile' && editPrivateFile) return profileDestination({ ...io, editPrivateFile }, flags);
  if (isTextFormat(name)) return textDestination(io, flags, name);
  const names = [...Object.keys(textFormats), ...(editPrivateFile ? ['profile'] : [])];
  throw invalidInput([{ name: 'output-format', rule: `must be one of ${names.join(', ')}`, value: name }]);
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
  // BASH_ENV holds what earlier steps of the job set
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
      { name: 'profile', rule: 'must be letters, digits and _.@/+:- only', value: profile },
    ]);
  }
  const implied = env.AWS_SHARED_CREDENTIALS_FILE || (env.HOME && `${env.HOME}/.aws/credentials`);
  const file = flags.output ?? (env.AWS_OIDC_OUTPUT || implied);
  if (!file)
    throw invalidInput([{ name: 'output', rule: 'must name a file where HOME is not set', value: '' }]);
  if (file === '-')
    throw invalidInput([{ name: 'output', rule: 'must be a file in the form profile', value: file }]);
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
