import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  ECRPUBLICClient,
  GetAuthorizationTokenCommand as GetPublicTokenCommand,
} from '@aws-sdk/client-ecr-public';
import { AwsOidcError } from '../errors.ts';
import { awsFailure } from './aws-failure.ts';
import { type AwsConnection, secretsOf } from './connection.ts';

/** A token for the registries of Amazon ECR in one region. */
export interface EcrToken {
  /** Base64 of `AWS:PASSWORD`, as Docker's configuration holds it in `auth`. */
  readonly auth: string;
  readonly expiration: Date;
  /** The registry of the caller's account; undefined for public registries. */
  readonly host: string | undefined;
}

/** For all attempts together, in milliseconds, as for the exchange. */
const defaultDeadlineMs = 60_000;

/** The fields of both responses; any of them can be missing, and the SDK does not check that they are texts. */
interface AuthorizationData {
  readonly authorizationToken?: unknown;
  readonly expiresAt?: Date | undefined;
  readonly proxyEndpoint?: unknown;
}

/**
 * Requests a token for all private registries of the connection's region that the caller has access to.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 *
 * @throws {AwsOidcError} if AWS refuses, or does not answer
 */
export async function privateEcrToken(
  connection: AwsConnection,
  deadlineMs = defaultDeadlineMs,
): Promise<EcrToken> {
  return await tokenFrom('ecr:GetAuthorizationToken', connection, deadlineMs, async (abortSignal) => {
    const command = new GetAuthorizationTokenCommand({});
    const { authorizationData } = await new ECRClient(connection).send(command, { abortSignal });
    return authorizationData?.[0];
  });
}

/**
 * Requests a token for the public registry.
 * https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetAuthorizationToken.html
 *
 * @param connection its region must be us-east-1
 * @throws {AwsOidcError} if AWS refuses, or does not answer
 */
export async function publicEcrToken(
  connection: AwsConnection,
  deadlineMs = defaultDeadlineMs,
): Promise<EcrToken> {
  return await tokenFrom('ecr-public:GetAuthorizationToken', connection, deadlineMs, async (abortSignal) => {
    const command = new GetPublicTokenCommand({});
    const { authorizationData } = await new ECRPUBLICClient(connection).send(command, { abortSignal });
    return authorizationData;
  });
}

async function tokenFrom(
  action: string,
  connection: AwsConnection,
  deadlineMs: number,
  request: (abortSignal: AbortSignal) => Promise<AuthorizationData | undefined>,
): Promise<EcrToken> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const data = await request(deadline).catch(async (error) => {
    if (deadline.aborted) throw late(action, deadlineMs, error);
    throw awsFailure(action, error, await secretsOf(connection));
  });
  const { authorizationToken: auth, expiresAt: expiration, proxyEndpoint } = data ?? {};
  const isToken = typeof auth === 'string' && /^[\w+/-]+=*$/.test(auth);
  if (isToken && expiration !== undefined && !Number.isNaN(expiration.getTime())) {
    const host = typeof proxyEndpoint === 'string' ? proxyEndpoint.replace(/^https:\/\//, '') : undefined;
    return { auth, expiration, host };
  }
  throw new AwsOidcError('REFUSED', `The response to ${action} lacks the token or its expiration.`, {
    hint: 'Check AWS_ENDPOINT_URL and the proxy variables.',
  });
}

function late(action: string, deadlineMs: number, cause: unknown): AwsOidcError {
  return new AwsOidcError(
    'UNAVAILABLE',
    `AWS did not answer ${action} within ${deadlineMs / 1000} seconds.`,
    {
      hint: 'Check the network, and HTTPS_PROXY and NO_PROXY.',
      cause,
    },
  );
}
