import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsConnection } from './connection.ts';

/** Signs requests to a service that needs no client of the SDK: presigned URLs, and single requests. */
export function signerFor({ region, credentials }: AwsConnection, service: string): SignatureV4 {
  return new SignatureV4({ service, region, credentials, sha256: Sha256 });
}
