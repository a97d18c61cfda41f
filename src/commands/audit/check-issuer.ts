import { checkDiscovery } from '../../issuer/discovery.ts';
import { httpGet } from '../../issuer/http-get.ts';
import { createAgents } from '../../network/transport.ts';
import type { Io } from '../../system/io.ts';
import { readBundle } from '../input/session-input.ts';
import type { CheckIssuer } from './assess-account.ts';

/**
 * Creates the check whether an issuer still answers with its documents, as STS needs it to. It sends no credentials.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if AWS_CA_BUNDLE cannot be read
 */
export async function issuerCheck(io: Io): Promise<CheckIssuer> {
  const bundle = await readBundle(io);
  return async ({ name }) => {
    const get = async (url: URL) => httpGet(url, await createAgents(url, bundle));
    const { checks } = await checkDiscovery(`https://${name}`, get);
    const failed = checks.find(({ status }) => status === 'failed');
    if (failed === undefined) return [];
    return [
      {
        rule: 'provider-unreachable',
        detail: failed.detail,
        reason:
          'STS cannot verify tokens of this issuer. If the address is free, somebody else may register it.',
        fix: failed.remedy ?? 'Delete the provider if the issuer no longer exists.',
      },
    ];
  };
}
