import { RuleError } from '../../errors.ts';
import { type DecodedToken, decodeIdToken } from '../../exchange/id-token.ts';
import { type Claims, mistypedClaim } from '../../identity/claims.ts';
import { isMasked, pastedClaims, pastedToken } from '../../identity/pasted.ts';
import type { Io } from '../../system/io.ts';
import { type TokenFlags, tokenFrom } from './session-input.ts';
import { invalid, readTextFile } from './text-file.ts';

/**
 * The token that the flags or the environment name, decoded and not otherwise checked: an expired one can
 * be looked at, too, and one with what clings to it where it was pasted.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` where there is none
 */
export async function readToken(io: Io, flags: TokenFlags): Promise<DecodedToken> {
  const { name, text, missing } = await tokenFrom(io, flags);
  if (!text) throw invalid(name, 'must not be empty', missing);
  return decode(name, text);
}

function decode(name: string, text: string): DecodedToken {
  if (isMasked(text)) {
    throw invalid(
      name,
      'must be the token itself',
      'GitLab masked it in the log: pass the variable instead.',
    );
  }
  try {
    return decodeIdToken(pastedToken(text));
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw invalid(name, error.message, error.hint);
  }
}

/**
 * Claims from a file, or from a token. The file may hold a token, too, or what people copy from a job's log.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`, also where issuer or subject are missing: nothing can be said then
 */
export async function readClaims(
  io: Io,
  flags: TokenFlags & { claims?: string | undefined },
): Promise<Claims> {
  if (flags.claims === undefined) return (await readToken(io, flags)).claims;
  const text = await readTextFile(io, '--claims', flags.claims);
  const isToken = /^eyJ[\w-]+\.[\w-]+\./.test(pastedToken(text)) || isMasked(text);
  const claims = isToken ? decode('--claims', text).claims : pastedClaims(text);
  const example =
    'For example the payload of a token, {"iss": …}, or the lines of a job\'s log that begin with "token".';
  if (claims === undefined) throw invalid('--claims', 'must hold the claims of a token', example);
  const mistyped = mistypedClaim(claims);
  if (mistyped !== undefined) {
    throw invalid(
      '--claims',
      `must have the claim "${mistyped}" with the type that RFC 7519 defines`,
      example,
    );
  }
  const missing = ['iss', 'sub'].find((name) => !claims[name]);
  if (missing === undefined) return claims;
  throw invalid('--claims', `must have the claim "${missing}"`, example);
}
