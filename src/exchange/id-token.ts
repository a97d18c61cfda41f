import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import { RuleError } from '../errors.ts';
import { isoTime, mistypedClaim } from '../identity/claims.ts';

/** An ID token that can be sent: well formed, with an audience, and not expired. */
export interface IdToken {
  readonly text: string;
  readonly audiences: readonly string[];
  readonly claims: JWTPayload;
}

/** The limit of STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const maxTokenLength = 20_000;

/**
 * Checks an ID token before it leaves this machine. The signature is not checked: STS does that, with
 * the issuer's keys.
 *
 * @param text the value of the token variable
 * @param ciJobToken the job's CI_JOB_TOKEN, which is often passed by mistake
 * @param now the time to compare with the claim `exp` (seconds since 1970, RFC 7519 section 4.1.4)
 * @throws {RuleError} if the token cannot be sent; the message never contains any part of the token
 */
export function parseIdToken(text: string, ciJobToken: string | undefined, now: Date): IdToken {
  if (text.startsWith('$')) {
    throw new RuleError(
      'must be a token, not the name of a variable',
      'That variable is not set in this job.',
    );
  }
  if (text === ciJobToken || text.startsWith('glcbt-')) {
    throw new RuleError('must be an ID token, not CI_JOB_TOKEN', 'Declare it under "id_tokens" in the job.');
  }
  if (text.length > maxTokenLength) throw new RuleError(`must have at most ${maxTokenLength} characters`);
  const { claims } = decodeIdToken(text);
  const audiences = [claims.aud ?? []].flat();
  if (audiences.length === 0) {
    throw new RuleError(
      'must have the claim "aud"',
      'CI_JOB_JWT had none. Declare an ID token with "aud" under "id_tokens".',
    );
  }
  const { exp = Number.POSITIVE_INFINITY } = claims;
  if (exp * 1000 <= now.getTime()) {
    const expired = isoTime(exp) ?? 'an invalid time';
    throw new RuleError(
      `must not be expired; it expired at ${expired}`,
      "An ID token expires with the job's timeout. Run the job again; if this persists, check the clock of this machine.",
    );
  }
  return { text, audiences, claims };
}

/** The content of a token, whether or not it can be sent. */
export interface DecodedToken {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

/** @throws {RuleError} if the text is not a JSON Web Token; the message contains no part of it */
export function decodeIdToken(text: string): DecodedToken {
  const notToken = new RuleError(
    'must be a JSON Web Token: three parts, separated by dots',
    'Declare it under "id_tokens" in the job.',
  );
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) throw notToken;
  const token = decoded(text);
  if (token === undefined) throw notToken;
  const mistyped = mistypedClaim(token.claims);
  if (mistyped !== undefined)
    throw new RuleError(`must have the claim "${mistyped}" with the type that RFC 7519 defines`);
  return token;
}

function decoded(text: string): DecodedToken | undefined {
  try {
    return { header: decodeProtectedHeader(text), claims: decodeJwt(text) };
  } catch {
    return undefined;
  }
}
