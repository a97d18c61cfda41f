import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { IssuedKey, KeyStore } from './key-store.ts';
import { StsRefusal } from './sts-errors.ts';

/** A request as received; header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/sts\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Finds the key that signed a request: signs the request again with the issued secret and the SDK's own signer,
 * and compares the signatures.
 *
 * @throws {StsRefusal} if the signature, the key or the session token is wrong
 */
export async function authenticate(request: SignedRequest, keys: KeyStore): Promise<IssuedKey> {
  const header = request.headers.authorization;
  if (header === undefined) throw new StsRefusal('missingSignature');
  const [, keyId = '', , region = '', signedHeaders = '', signature = ''] = authorization.exec(header) ?? [];
  const key = keys.find(keyId, request.headers['x-amz-security-token']);
  const expected = await sign(request, key, region, signedHeaders.split(';'));
  const same =
    expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
  if (!same) throw new StsRefusal('wrongSignature');
  return key;
}

async function sign(
  request: SignedRequest,
  key: IssuedKey,
  region: string,
  signedHeaders: readonly string[],
) {
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials: key,
    sha256: Sha256,
    applyChecksum: signedHeaders.includes('x-amz-content-sha256'),
  });
  const { 'x-amz-date': date = '' } = request.headers;
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: request.headers.host ?? '',
      path: request.path,
      query: {},
      headers: Object.fromEntries(signedHeaders.map((name) => [name, request.headers[name] ?? ''])),
      body: request.body,
    },
    {
      signingDate: new Date(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')),
      signableHeaders: new Set(signedHeaders),
    },
  );
  return /Signature=([0-9a-f]{64})$/.exec(signed.headers.authorization ?? '')?.[1] ?? '';
}

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', asBytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(asBytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

function asBytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
