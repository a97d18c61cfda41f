import {
  AssumeRoleCommand,
  type AssumeRoleResponse,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Agents } from '../network/transport.ts';
import type { SessionClaim } from './session-claims.ts';
import { StsError, toStsError } from './sts-error.ts';

/** Temporary credentials; no part is missing. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** The session of an assumed role. */
export interface RoleSession {
  readonly credentials: Credentials;
  /** As STS returned it; empty if the response omits it. */
  readonly assumedRoleArn: string;
}

/** The parameters of a request to STS, already checked against the limits of STS. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
}

/** The parameters that only AssumeRole has. */
export interface ChainParameters {
  readonly externalId: string | undefined;
  readonly sessionTags: readonly SessionClaim[];
  readonly transitiveTags: boolean;
  readonly sourceIdentity: SessionClaim | undefined;
}

export type ChainedRequest = RoleRequest & ChainParameters;

/** The operations of AWS STS that an exchange uses. Both throw an StsError. */
export interface Sts {
  /** AssumeRoleWithWebIdentity: not signed, because the token authenticates the request. */
  exchange(token: string, request: RoleRequest, signal: AbortSignal): Promise<RoleSession>;
  /** AssumeRole with the session of another role ("role chaining"). */
  chain(credentials: Credentials, request: ChainedRequest, signal: AbortSignal): Promise<RoleSession>;
}

/** What determines the address of STS. */
export interface StsAddress {
  readonly region: string;
  /** Set only if it is not the default endpoint of the region. */
  readonly endpoint: URL | undefined;
  readonly useFips: boolean;
}

/**
 * The URL to send requests to: https://docs.aws.amazon.com/general/latest/gr/sts.html
 *
 * @throws the SDK's error, if it has no endpoint for the region
 */
export function stsUrl({ region, endpoint, useFips }: StsAddress): URL {
  if (endpoint !== undefined) return endpoint;
  const { endpointProvider } = new STSClient({ region }).config;
  return endpointProvider({ Region: region, UseFIPS: useFips, UseDualStack: false }).url;
}

/** STS through the AWS SDK, with one request per call: `retry` decides about retries. */
export function createSts(address: StsAddress, agents: Agents): Sts {
  const handler = new NodeHttpHandler(agents);
  const config = {
    region: address.region,
    useFipsEndpoint: address.useFips,
    useDualstackEndpoint: false,
    maxAttempts: 1,
    ...(address.endpoint && { endpoint: address.endpoint.href }),
  };
  return {
    exchange: (token, request, signal) =>
      translated(signal, async () => {
        const client = new STSClient({ ...config, requestHandler: handler });
        const command = new AssumeRoleWithWebIdentityCommand({
          ...parameters(request),
          WebIdentityToken: token,
        });
        return sessionFrom(await client.send(command, { abortSignal: signal }));
      }),
    chain: (credentials, request, signal) =>
      translated(signal, async () => {
        const client = new STSClient({ ...config, credentials, requestHandler: handler });
        const command = new AssumeRoleCommand({ ...parameters(request), ...chainParameters(request) });
        return sessionFrom(await client.send(command, { abortSignal: signal }));
      }),
  };
}

function parameters(request: RoleRequest) {
  return {
    RoleArn: request.roleArn,
    RoleSessionName: request.sessionName,
    DurationSeconds: request.durationSeconds,
    Policy: request.policy,
    ...(request.policyArns.length > 0 && { PolicyArns: request.policyArns.map((arn) => ({ arn })) }),
  };
}

function chainParameters({ externalId, sessionTags, transitiveTags, sourceIdentity }: ChainParameters) {
  return {
    ExternalId: externalId,
    SourceIdentity: sourceIdentity?.value,
    ...(sessionTags.length > 0 && {
      Tags: sessionTags.map(({ name, value }) => ({ Key: name, Value: value })),
      ...(transitiveTags && { TransitiveTagKeys: sessionTags.map(({ name }) => name) }),
    }),
  };
}

async function translated<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw error instanceof StsError ? error : toStsError(error, signal.aborted);
  }
}

function sessionFrom({ Credentials: given = {}, AssumedRoleUser }: Answer): RoleSession {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = given;
  const { Expiration: expiration } = given;
  if (
    !accessKeyId ||
    !secretAccessKey ||
    !sessionToken ||
    !expiration ||
    Number.isNaN(expiration.getTime())
  ) {
    throw new StsError('passing', 'UnreadableAnswer', 'The STS response lacks part of the credentials.');
  }
  const credentials = { accessKeyId, secretAccessKey, sessionToken, expiration };
  return { credentials, assumedRoleArn: AssumedRoleUser?.Arn ?? '' };
}

/** The common part of both responses; any of it can be missing. */
interface Answer {
  readonly Credentials?: Partial<NonNullable<AssumeRoleResponse['Credentials']>> | undefined;
  readonly AssumedRoleUser?: AssumeRoleResponse['AssumedRoleUser'];
}
