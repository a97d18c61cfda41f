import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { loadSharedConfigFiles } from '@smithy/core/config';
import type { Environment } from '../environment-variables.ts';
import { invalidInput } from '../validation/invalid-input.ts';
import { type AwsConnection, connectWith } from './connection.ts';

/** Where the caller's credentials come from. */
export interface AwsSettings {
  /** A profile in the AWS configuration files, instead of AWS_PROFILE. */
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  /** The service has an endpoint in each region, so that a region must be set. */
  readonly isRegional?: boolean;
  /** Certificates (PEM) that replace the default ones. */
  readonly ca?: string | undefined;
  /** Asks for the code of an MFA device, if a profile needs one. */
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** IAM has one endpoint for a whole partition; this region selects the partition `aws`. */
const fallbackRegion = 'us-east-1';

/**
 * Prepares requests with the credentials that the AWS CLI would use: variables, profiles, SSO, roles, processes. Sends
 * nothing: credentials are read with the first request.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if the region is not a name
 */
export async function connect(settings: AwsSettings, env: Environment): Promise<AwsConnection> {
  const { profile, ca, mfaCode } = settings;
  const given = settings.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || (await regionOf(profile, env));
  if (given === undefined && settings.isRegional) throw regionMissing();
  const region = given ?? fallbackRegion;
  checkRegion(region, settings.region ? '--region' : 'AWS_REGION');
  const connection = connectWith(region, ca, (clientConfig) =>
    fromNodeProviderChain({
      ...(profile !== undefined && { profile }),
      ...(mfaCode !== undefined && { mfaCodeProvider: mfaCode }),
      clientConfig,
      // it would print warnings of its own
      logger: silent,
    }),
  );
  const chosen = profile ?? env.AWS_PROFILE;
  return chosen ? { ...connection, profile: chosen } : connection;
}

/** It becomes a part of the host name. */
function checkRegion(region: string, name: string): void {
  if (/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) return;
  const rule = 'must be the name of an AWS region';
  throw invalidInput([{ name, rule, value: region, hint: 'For example eu-central-1.' }], '');
}

function regionMissing() {
  const hint = 'Or set AWS_REGION. For example eu-central-1.';
  return invalidInput([{ name: '--region', rule: 'must be set', hint }], '');
}

/** The region of a profile: https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html */
async function regionOf(profile: string | undefined, env: Environment): Promise<string | undefined> {
  const name = profile ?? (env.AWS_PROFILE || 'default');
  const files = await loadSharedConfigFiles().catch(() => undefined);
  return files?.configFile[name]?.region ?? files?.credentialsFile[name]?.region;
}
