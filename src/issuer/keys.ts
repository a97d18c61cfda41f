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

/** Looks at the issuer's keys, and verifies the token's signature by them. */
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
          `AWS takes ${usableAlgorithms.join(', ')}.`,
        );
  const { answer, check } = await fetchJson('keys', 'keys (JWKS)', url, get);
  if (answer === undefined) return [algorithm, check];
  const keys = [answer.json.keys].flat().filter(isKey);
  const has = keys.some((key) => key.kid === kid);
  const key = has
    ? passed('key-id', "the token's key", `The key "${kid}" is among the ${keys.length} there.`)
    : failed(
        'key-id',
        "the token's key",
        `The key ${JSON.stringify(kid)} is not among the ${keys.length} there.`,
        'The keys were renewed after the token was made, or the token is of another issuer: run the job again.',
      );
  return [algorithm, check, key, ...(has ? [await checkSignature(token, { keys } as JSONWebKeySet)] : [])];
}

async function checkSignature(token: string, keys: JSONWebKeySet): Promise<Check> {
  try {
    await compactVerify(token, createLocalJWKSet(keys), { algorithms: usableAlgorithms });
    return passed('signature', 'signature', 'It is right by that key.');
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      return failed(
        'signature',
        'signature',
        'It is not right by that key.',
        'The token was changed or cut on its way here: pass it as GitLab gives it.',
      );
    }
    // jose and Node have many errors for a key that lacks a part, or is of another kind
    return failed(
      'signature',
      'signature',
      `That key cannot be used (${(error as Error).name}).`,
      'It lacks a part, or is of another kind than the algorithm: the issuer is out of order, ask its administrators.',
    );
  }
}

function isKey(value: unknown): value is { readonly kid?: unknown } {
  return typeof value === 'object' && value !== null;
}
