import { RuleError } from '../../errors.ts';
import { type DecodedToken, decodeIdToken } from '../../exchange/id-token.ts';
import { type Claims, mistypedClaim } from '../../identity/claims.ts';
import { isMasked, pastedClaims, pastedToken } from '../../identity/pasted.ts';
import type { Io } from '../../system/io.ts';
import { type TokenFlags, tokenFrom } from './session-input.ts';
import { invalid, readTextFile } from './text-file.ts';

/**
 * Decodes the token from the flags or the environment. Nothing else is checked: it may be expired, or have
 * been pasted with text around it.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if there is no token
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
 * Claims from a file or a token. The file may also contain a token, or lines copied from a job log.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`, also if issuer or subject are missing: nothing can be explained then
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
  if (claims === undefined) throw invalid('--claims', 'must be the claims of a token', example);
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
