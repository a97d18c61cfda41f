import { generate } from 'selfsigned';

/** A certificate for this machine and its key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** @returns a self-signed certificate, its own CA, for 127.0.0.1, localhost and `names` */
export async function makeCertificate(...names: readonly string[]): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...['localhost', ...names].map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert, key };
}
