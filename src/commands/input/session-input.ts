import { type Inputs, inputsFromEnvironment } from '../../exchange/inputs.ts';
import { type Options, readOptions } from '../../exchange/options.ts';
import { type FoundToken, findToken } from '../../exchange/token-source.ts';
import type { Io } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { readTextFile } from './text-file.ts';

/** Where to read the token, instead of the default variables. */
export interface TokenFlags {
  /** The name of the variable with the token. */
  readonly tokenEnv?: string | undefined;
  /** A file with the token. */
  readonly tokenFile?: string | undefined;
}

/** What the command line can set in addition to the environment. */
export interface SessionFlags extends TokenFlags {
  readonly inputs: Inputs;
  /** The name of an input in errors; by default its own name. */
  readonly nameOf?: ((input: string) => string) | undefined;
}

/**
 * Reads and checks the inputs from the environment and the flags.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with all problems
 */
export async function optionsFrom(io: Io, flags: SessionFlags): Promise<Options> {
  const inputs = { ...inputsFromEnvironment(io.env), ...flags.inputs };
  return readOptions(inputs, io.env, await tokenFrom(io, flags), io.now(), flags.nameOf);
}

/** The token from the flags or the environment, unchecked. */
export async function tokenFrom(io: Io, { tokenFile, tokenEnv }: TokenFlags): Promise<FoundToken> {
  if (tokenFile === undefined) return findToken(io.env, tokenEnv);
  // an editor or echo adds a line break at the end, which is not part of the token
  const text = (await readTextFile(io, '--token-file', tokenFile)).trimEnd();
  return { name: '--token-file', text, missing: `The file "${tokenFile}" is empty.` };
}

/** The certificates in AWS_CA_BUNDLE, if that is set. */
export async function readBundle(io: Io): Promise<string | undefined> {
  const path = io.env.AWS_CA_BUNDLE || undefined;
  if (path === undefined) return undefined;
  return await io.readText(path).catch(() => {
    const rule = 'must be a readable file of certificates (PEM)';
    throw invalidInput([{ name: 'AWS_CA_BUNDLE', rule, value: path }]);
  });
}
