import {
  compactVerify,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type ProtectedHeaderParameters,
} from 'jose';
import { type Check, failed, passed } from './check.ts';
import { fetchJson, type Get } from './discovery.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html#manage-oidc-provider-prerequisites */
const usableAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

/** Fetches the issuer's keys, and verifies the token's signature with them. */
export async function checkKeys(
  token: string,
  { alg, kid }: ProtectedHeaderParameters,
  url: URL,
  get: Get,
): Promise<readonly Check[]> {
  const algorithm =
    alg !== undefined && usableAlgorithms.includes(alg)
      ? passed('algorithm', 'algorithm', `The token is signed with ${alg}.`)
      : failed(
          'algorithm',
          'algorithm',
          `The token is signed with ${JSON.stringify(alg)}.`,
          `AWS accepts ${usableAlgorithms.join(', ')}.`,
        );
  const { answer, check } = await fetchJson('keys', 'keys (JWKS)', url, get);
  if (answer === undefined) return [algorithm, check];
  const keys = [answer.json.keys].flat().filter(isKey);
  const has = keys.some((key) => key.kid === kid);
  const key = has
    ? passed(
        'key-id',
        "the token's key",
        `The key "${kid}" is in the issuer's key set (size ${keys.length}).`,
      )
    : failed(
        'key-id',
        "the token's key",
        `The key ${JSON.stringify(kid)} is not in the issuer's key set (size ${keys.length}).`,
        'The keys were rotated after the token was issued, or the token is from another issuer: run the job again.',
      );
  return [algorithm, check, key, ...(has ? [await checkSignature(token, { keys } as JSONWebKeySet)] : [])];
}

async function checkSignature(token: string, keys: JSONWebKeySet): Promise<Check> {
  try {
    await compactVerify(token, createLocalJWKSet(keys), { algorithms: usableAlgorithms });
    return passed('signature', 'signature', 'The signature matches that key.');
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      return failed(
        'signature',
        'signature',
        'The signature does not match that key.',
        'The token was changed or truncated: pass it unchanged.',
      );
    }
    // jose and Node have many errors for an incomplete key, or one of another type
    return failed(
      'signature',
      'signature',
      `That key cannot be used (${(error as Error).name}).`,
      'It is incomplete, or does not fit the algorithm: ask the administrators of the issuer to fix it.',
    );
  }
}

function isKey(value: unknown): value is { readonly kid?: unknown } {
  return typeof value === 'object' && value !== null;
}
