import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { proxiedHandler, type RequestHandler } from './proxied-handler.ts';

/** The configuration that all clients of the SDK share. */
export interface AwsConnection {
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly requestHandler: RequestHandler;
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  /** The profile that the credentials come from, if one was chosen. */
  readonly profile?: string;
}

/** With the SDK's exponential pauses, half a minute of throttling. */
const maxAttempts = 8;

/**
 * Prepares requests.
 *
 * @param ca certificates (PEM) that replace the default ones
 * @param credentialsFor receives the configuration of the requests that get credentials
 */
export function connectWith(
  region: string,
  ca: string | undefined,
  credentialsFor: (config: {
    readonly region: string;
    readonly requestHandler: RequestHandler;
  }) => AwsCredentialIdentityProvider,
): AwsConnection {
  const requestHandler = proxiedHandler(ca);
  const credentials = credentialsFor({ region, requestHandler });
  return { region, credentials, requestHandler, maxAttempts, retryMode: 'standard' };
}

/** The same connection with the credentials of a role that its caller may assume. */
export function withRole(connection: AwsConnection, roleArn: string, sessionName: string): AwsConnection {
  const { region, requestHandler, credentials } = connection;
  const chained = fromTemporaryCredentials({
    masterCredentials: credentials,
    params: { RoleArn: roleArn, RoleSessionName: sessionName },
    clientConfig: { region, requestHandler, maxAttempts },
  });
  return { ...connection, credentials: chained };
}

/** What a response may repeat, and must not be shown; empty if there are no credentials. */
export async function secretsOf({ credentials }: AwsConnection): Promise<readonly string[]> {
  const { secretAccessKey, sessionToken } = await credentials().catch(
    () => ({}) as Partial<AwsCredentialIdentity>,
  );
  return [secretAccessKey, sessionToken].filter((secret) => secret !== undefined);
}
