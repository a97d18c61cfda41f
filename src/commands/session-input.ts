import { AwsOidcError, type Problem } from '../errors.ts';
import { type Inputs, inputsFromEnvironment, type Options, readOptions } from '../exchange/options.ts';
import { type FoundToken, findToken, tokenVariables } from '../exchange/token-source.ts';
import type { Io } from '../io.ts';
import { JobLog } from '../log/job-log.ts';

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
}

/** Variables whose values must not be printed, wherever they turn up. */
const secretVariables = [...tokenVariables, 'CI_JOB_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** The log of a command that handles secrets of this environment. */
export function secretiveLog(io: Io, flags: TokenFlags): JobLog {
  return new JobLog(io, secretsOf(io, flags));
}

/** As the log, for results that people read on standard output. */
export function secretiveReport(io: Io, flags: TokenFlags): JobLog {
  const output = { log: io.out, colour: io.outColour, sections: false, now: io.now };
  return new JobLog(output, secretsOf(io, flags));
}

/** Values that must not be printed. */
export function secretsOf(io: Io, { tokenEnv }: TokenFlags): readonly string[] {
  const names = tokenEnv === undefined ? secretVariables : [...secretVariables, tokenEnv];
  return names.flatMap((name) => io.env[name] ?? []);
}

/**
 * The input of the environment and the flags, checked.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with every problem there is
 */
export async function optionsFrom(io: Io, flags: SessionFlags): Promise<Options> {
  const inputs = { ...inputsFromEnvironment(io.env), ...flags.inputs };
  return readOptions(inputs, io.env, await tokenFrom(io, flags), io.now());
}

/** The token that the flags or the environment name, unchecked. */
export async function tokenFrom(io: Io, { tokenFile, tokenEnv }: TokenFlags): Promise<FoundToken> {
  if (tokenFile === undefined) return findToken(io.env, tokenEnv);
  const text = await io.readText(tokenFile).catch(() => undefined);
  // the line break that an editor or echo leaves at the end is no part of a token
  return { name: '--token-file', text: text?.trimEnd(), missing: `"${tokenFile}" must be a readable file.` };
}

/** The certificates of AWS_CA_BUNDLE, where that is set. */
export async function readBundle(io: Io): Promise<string | undefined> {
  const path = io.env.AWS_CA_BUNDLE || undefined;
  if (path === undefined) return undefined;
  return await io.readText(path).catch(() => {
    const rule = 'must name a readable file of certificates (PEM)';
    throw invalidSetting({ name: 'AWS_CA_BUNDLE', rule, value: path });
  });
}

/** A standard variable that is not right, as an error. */
export function invalidSetting(problem: Problem): AwsOidcError {
  return new AwsOidcError('INVALID_INPUT', 'One setting is not right. Nothing was sent.', {
    problems: [problem],
  });
}
