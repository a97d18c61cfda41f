import { RuleError } from '../errors.ts';
import { type DecodedToken, decodeIdToken } from '../exchange/id-token.ts';
import { type Claims, mistypedClaim } from '../identity/claims.ts';
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
  const claims = objectIn(text);
  const example = 'For example the payload of a token: {"iss": …}.';
  if (claims === undefined) throw invalid('--claims', 'must be a file with a JSON object', example);
  const mistyped = mistypedClaim(claims);
  if (mistyped === undefined) return claims;
  throw invalid('--claims', `must have a claim "${mistyped}" of the type that it has in RFC 7519`, example);
}

function objectIn(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined;
  } catch {
    return undefined;
  }
}
