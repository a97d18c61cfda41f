import { STSClient } from '@aws-sdk/client-sts';
import { awsFailure } from './aws-failure.ts';
import type { AwsConnection } from './connection.ts';
import { signerFor } from './signer.ts';

/** A token for the Kubernetes API of an EKS cluster. */
export interface EksToken {
  readonly token: string;
  /** When to get another one: the cluster refuses it when the credentials have expired. */
  readonly expiration: Date;
}

/** As the AWS CLI: the cluster accepts a token for 15 minutes, whatever this says. */
const urlLifetimeSeconds = 60;
const tokenLifetimeMs = 14 * 60_000;

/**
 * Makes a token as `aws eks get-token` does, without a request: a URL of STS that tells who signed it. The cluster calls
 * that URL. It accepts only the addresses of STS itself, so AWS_ENDPOINT_URL_STS is ignored.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 *
 * @throws {AwsOidcError} if there are no credentials
 */
export async function eksToken(connection: AwsConnection, cluster: string, now: Date): Promise<EksToken> {
  const { hostname } = stsUrl(connection.region);
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    headers: { host: hostname, 'x-k8s-aws-id': cluster },
  };
  try {
    const options = { signingDate: now, expiresIn: urlLifetimeSeconds };
    const { query = {} } = await signerFor(connection, 'sts').presign(request, options);
    const url = `https://${hostname}/?${new URLSearchParams(query as Record<string, string>)}`;
    const token = `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
    const end = (await connection.credentials()).expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    return { token, expiration: new Date(Math.min(now.getTime() + tokenLifetimeMs, end)) };
  } catch (error) {
    throw awsFailure('sts:GetCallerIdentity', error);
  }
}

function stsUrl(region: string): URL {
  const { endpointProvider } = new STSClient({ region }).config;
  return endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false }).url;
}
