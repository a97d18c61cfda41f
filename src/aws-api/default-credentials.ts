import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { loadSharedConfigFiles } from '@smithy/core/config';
import type { Environment } from '../environment-variables.ts';
import { type AwsConnection, connectWith } from './connection.ts';

/** Where the caller's credentials come from. */
export interface AwsSettings {
  /** A profile in the AWS configuration files, instead of AWS_PROFILE. */
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  /** Certificates (PEM) that replace the default ones. */
  readonly ca?: string | undefined;
  /** Asks for the code of an MFA device, if a profile needs one. */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}

/** IAM has one endpoint for a whole partition; this region selects the partition `aws`. */
const fallbackRegion = 'us-east-1';

/**
 * Prepares requests with the credentials that the AWS CLI would use: variables, profiles, SSO, roles, processes. Sends
 * nothing: credentials are read with the first request.
 */
export async function connect(settings: AwsSettings, env: Environment): Promise<AwsConnection> {
  const { profile, ca, mfaCode } = settings;
  const region =
    settings.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || (await regionOf(profile, env));
  return connectWith(region, ca, (clientConfig) =>
    fromNodeProviderChain({
      ...(profile !== undefined && { profile }),
      ...(mfaCode !== undefined && { mfaCodeProvider: mfaCode }),
      clientConfig,
    }),
  );
}

/** The region of a profile: https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html */
async function regionOf(profile: string | undefined, env: Environment): Promise<string> {
  const name = profile ?? (env.AWS_PROFILE || 'default');
  const files = await loadSharedConfigFiles().catch(() => undefined);
  return files?.configFile[name]?.region ?? files?.credentialsFile[name]?.region ?? fallbackRegion;
}
