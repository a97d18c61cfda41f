import { type AssumeRoleResponse, AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { StsError, toStsError } from './sts-error.ts';
import type { Agents } from './transport.ts';

/** Temporary credentials, complete. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** A role, assumed. */
export interface RoleSession {
  readonly credentials: Credentials;
  /** As STS gave it. */
  readonly assumedRoleArn: string;
}

/** What is asked of STS; the options have checked it against STS's limits. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
}

/** AWS Security Token Service, as far as an exchange needs it. Both methods throw an StsError. */
export interface Sts {
  /** AssumeRoleWithWebIdentity: unsigned, the token is the proof. */
  exchange(token: string, request: RoleRequest, signal: AbortSignal): Promise<RoleSession>;
  /** AssumeRole with the session of another role ("role chaining"). */
  chain(
    credentials: Credentials,
    request: RoleRequest & { readonly externalId: string | undefined },
    signal: AbortSignal,
  ): Promise<RoleSession>;
}

/** Where STS is. */
export interface StsAddress {
  readonly region: string;
  /** Only where it is not the region's own. */
  readonly endpoint: URL | undefined;
  readonly useFips: boolean;
}

/**
 * The address that requests go to: https://docs.aws.amazon.com/general/latest/gr/sts.html
 *
 * @throws when the SDK knows no such endpoint
 */
export function stsUrl({ region, endpoint, useFips }: StsAddress): URL {
  if (endpoint !== undefined) return endpoint;
  const { endpointProvider } = new STSClient({ region }).config;
  return endpointProvider({ Region: region, UseFIPS: useFips, UseDualStack: false }).url;
}

/** STS through the AWS SDK, with one request a call: retries are decided elsewhere, by class. */
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
    chain: (session, { externalId, ...request }, signal) =>
      translated(signal, async () => {
        let answer: AssumeRoleResponse | undefined;
        const provider = fromTemporaryCredentials({
          masterCredentials: session,
          clientConfig: { ...config, requestHandler: abortable(handler, signal) },
          clientPlugins: [observer((output) => (answer = output))],
          params: { ...parameters(request), ExternalId: externalId },
        });
        await provider().catch((error) => {
          // an answer that lacks something is judged below, as that of the exchange is
          if (answer === undefined) throw error;
        });
        return sessionFrom(answer ?? {});
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

/** What both operations answer; nothing of it is certain. */
interface Answer {
  readonly Credentials?: Partial<NonNullable<AssumeRoleResponse['Credentials']>> | undefined;
  readonly AssumedRoleUser?: AssumeRoleResponse['AssumedRoleUser'];
}

/** The SDK's credential providers take no abort signal; the handler they use does. */
function abortable(handler: NodeHttpHandler, abortSignal: AbortSignal) {
  const handle: NodeHttpHandler['handle'] = (request, options) =>
    handler.handle(request, { ...options, abortSignal });
  return { handle, metadata: handler.metadata };
}

/** The SDK's credential providers keep only the keys; this plugin sees the whole answer. */
function observer(see: (output: AssumeRoleResponse) => void): ClientPlugin {
  return {
    applyToStack(stack) {
      stack.add((next) => async (args) => {
        const result = await next(args);
        see(result.output as AssumeRoleResponse);
        return result;
      });
    },
  };
}

type ClientPlugin = NonNullable<Parameters<typeof fromTemporaryCredentials>[0]['clientPlugins']>[number];
