import { type Inputs, inputsFromEnvironment, type Options, readOptions } from '../../exchange/options.ts';
import { type FoundToken, findToken } from '../../exchange/token-source.ts';
import type { Io } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { readTextFile } from './text-file.ts';

/** Where a token is, if not where it is looked for by itself. */
export interface TokenFlags {
  /** The name of the variable with the token. */
  readonly tokenEnv?: string | undefined;
  /** A file with the token. */
  readonly tokenFile?: string | undefined;
}

/** What the command line may set beside the environment. */
export interface SessionFlags extends TokenFlags {
  readonly inputs: Inputs;
  /** What an error calls an input; its own name, where this is left out. */
  readonly nameOf?: ((input: string) => string) | undefined;
}

/**
 * The input of the environment and the flags, checked.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with every problem there is
 */
export async function optionsFrom(io: Io, flags: SessionFlags): Promise<Options> {
  const inputs = { ...inputsFromEnvironment(io.env), ...flags.inputs };
  return readOptions(inputs, io.env, await tokenFrom(io, flags), io.now(), flags.nameOf);
}

/** The token that the flags or the environment name, unchecked. */
export async function tokenFrom(io: Io, { tokenFile, tokenEnv }: TokenFlags): Promise<FoundToken> {
  if (tokenFile === undefined) return findToken(io.env, tokenEnv);
  // the line break that an editor or echo leaves at the end is no part of a token
  const text = (await readTextFile(io, '--token-file', tokenFile)).trimEnd();
  return { name: '--token-file', text, missing: `The file "${tokenFile}" is empty.` };
}

/** The certificates of AWS_CA_BUNDLE, where that is set. */
export async function readBundle(io: Io): Promise<string | undefined> {
  const path = io.env.AWS_CA_BUNDLE || undefined;
  if (path === undefined) return undefined;
  return await io.readText(path).catch(() => {
    const rule = 'must name a readable file of certificates (PEM)';
    throw invalidInput([{ name: 'AWS_CA_BUNDLE', rule, value: path }]);
  });
}
