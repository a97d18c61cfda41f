import { AwsOidcError } from '../errors.ts';
import { type TextFormat, textFormats } from '../hand-off/formats.ts';
import type { Session } from '../hand-off/session.ts';
import type { Io } from '../io.ts';

/** Where credentials shall go, and in which form. */
export interface DestinationFlags {
  /** One of the text formats; `AWS_OIDC_OUTPUT_FORMAT`, else `dotenv`, where it is left out. */
  readonly outputFormat?: string | undefined;
  /** A file, or `-` for standard output; `AWS_OIDC_OUTPUT`, else what the format implies. */
  readonly output?: string | undefined;
  /** Keeps what the file has. */
  readonly append?: boolean | undefined;
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

/** @throws {AwsOidcError} `INVALID_INPUT` for a format that there is none of */
export function destinationFor(io: Io, flags: DestinationFlags): Destination {
  const name = flags.outputFormat ?? (io.env.AWS_OIDC_OUTPUT_FORMAT || 'dotenv');
  if (!isTextFormat(name)) {
    const rule = `must be one of ${Object.keys(textFormats).join(', ')}`;
    const problems = [{ name: 'output-format', rule, value: name }];
    throw new AwsOidcError('INVALID_INPUT', 'One input is not right. Nothing was sent.', { problems });
  }
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
  const append =
    flags.append ?? (flags.output === undefined && name === 'bash-env' && output === io.env.BASH_ENV);
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

function isTextFormat(name: string): name is TextFormat {
  return Object.hasOwn(textFormats, name);
}
