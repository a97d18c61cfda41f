import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Claims } from '../src/identity/claims.ts';
import type { Iam } from './iam.ts';
import { StsRefusal } from './sts-errors.ts';

/** The content of a verified token. */
export interface WebIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly claims: Claims;
}

/** How long STS waits for an issuer: https://repost.aws/knowledge-center/iam-sts-invalididentitytoken */
const issuerTimeoutMs = 5000;

/**
 * Verifies an ID token as STS does: the issuer must be a provider of the account, the audience must be one of
 * its client IDs, and the signature must match a key from the issuer's discovery document.
 *
 * @throws {StsRefusal} with the error that STS returns
 */
export async function verifyWebIdentity(token: string, account: string, iam: Iam): Promise<WebIdentity> {
  const { iss: issuer = '', aud } = decode(token);
  const audiences = [aud ?? []].flat();
  if (audiences.length === 0) throw new StsRefusal('missingAudience');
  const provider = iam.provider(account, issuer);
  if (provider === undefined) throw new StsRefusal('noProvider', { ISSUER: issuer });
  const audience = audiences.find((candidate) => provider.clientIds.includes(candidate));
  if (audience === undefined) throw new StsRefusal('incorrectAudience');
  const claims = await verify(token, await keysOf(provider.keysFrom ?? issuer));
  return { issuer, subject: claims.sub ?? '', audience, claims };
}

function decode(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw new StsRefusal('notJwt');
  }
}

async function keysOf(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  try {
    const answer = await fetch(`${issuer}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(issuerTimeoutMs),
    });
    const { jwks_uri: keys } = (await answer.json()) as { jwks_uri: string };
    return createRemoteJWKSet(new URL(keys), { timeoutDuration: issuerTimeoutMs });
  } catch {
    throw new StsRefusal('noVerificationKey');
  }
}

async function verify(token: string, keys: ReturnType<typeof createRemoteJWKSet>): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys)).payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      const expires = new Date((error.payload.exp ?? 0) * 1000).toISOString();
      throw new StsRefusal('expiredToken', { NOW: new Date().toISOString(), EXP: expires });
    }
    if (error instanceof errors.JWTClaimValidationFailed) throw new StsRefusal('rejectedClaim');
    if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
      throw new StsRefusal('badSignature');
    }
    throw new StsRefusal('noVerificationKey');
  }
}
