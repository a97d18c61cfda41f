import { RuleError } from '../errors.ts';
import { type DecodedToken, decodeIdToken } from '../exchange/id-token.ts';
import type { Claims } from '../identity/claims.ts';
import type { Io } from '../io.ts';
import { type TokenFlags, tokenFrom } from './session-input.ts';
import { invalid, readTextFile } from './text-file.ts';

/**
 * The token that the flags or the environment name, decoded and not otherwise checked: an expired one can
 * be looked at, too.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` where there is none
 */
export async function readToken(io: Io, flags: TokenFlags): Promise<DecodedToken> {
  const { name, text, missing } = await tokenFrom(io, flags);
  if (!text) throw invalid(name, 'must not be empty', missing);
  try {
    return decodeIdToken(text);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw invalid(name, error.message, error.hint);
  }
}

/**
 * Claims from a file of JSON, or from a token.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`
 */
export async function readClaims(
  io: Io,
  flags: TokenFlags & { claims?: string | undefined },
): Promise<Claims> {
  if (flags.claims === undefined) return (await readToken(io, flags)).claims;
  const text = await readTextFile(io, '--claims', flags.claims);
  try {
    const claims: unknown = JSON.parse(text);
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims;
  } catch {
    // falls through to the one message for everything that is no object
  }
  throw invalid(
    '--claims',
    'must be a file with a JSON object',
    'For example the payload of a token: {"iss": …}.',
  );
}
