import type { Readable } from 'node:stream';
import { HttpRequest } from '@smithy/core/transport';
import { AwsOidcError } from '../errors.ts';
import { Deadline, defaultRetryLimits, type RetryLimits, retry } from '../network/retry.ts';
import { awsFailure } from './aws-failure.ts';
import { type AwsConnection, secretsOf } from './connection.ts';
import { signerFor } from './signer.ts';

/** Which token to get. */
export interface CodeArtifactRequest {
  readonly domain: string;
  /** The account of the domain, if it is not the caller's. */
  readonly domainOwner: string | undefined;
  /** 0: as long as the credentials. */
  readonly durationSeconds: number;
}

/** A token that package managers send as a password. */
export interface CodeArtifactToken {
  readonly token: string;
  readonly expiration: Date;
}

const action = 'codeartifact:GetAuthorizationToken';
const maxResponseBytes = 1 << 20;

/**
 * Gets a token for the repositories of a CodeArtifact domain.
 * https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetAuthorizationToken.html
 *
 * @param endpoint instead of the one of the region
 * @throws {AwsOidcError} if AWS refuses the request, or does not answer until the deadline
 */
export async function codeArtifactToken(
  connection: AwsConnection,
  request: CodeArtifactRequest,
  endpoint: URL | undefined,
  limits: RetryLimits = defaultRetryLimits,
): Promise<CodeArtifactToken> {
  const url = endpoint ?? new URL(`https://codeartifact.${connection.region}.amazonaws.com`);
  const judge = (error: unknown) => ({
    passing: error instanceof AwsOidcError && error.code === 'UNAVAILABLE',
  });
  const attempt = (signal: AbortSignal) =>
    send(connection, request, url, signal).catch(async (error: unknown) => {
      throw awsFailure(action, signal.aborted ? signal.reason : error, await secretsOf(connection));
    });
  return tokenFrom(await retry(attempt, new Deadline(limits), { limits, judge }));
}

async function send(
  connection: AwsConnection,
  { domain, domainOwner, durationSeconds }: CodeArtifactRequest,
  { protocol, hostname, host, port }: URL,
  abortSignal: AbortSignal,
): Promise<unknown> {
  const request = {
    method: 'POST',
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: '/v1/authorization-token',
    query: {
      domain,
      ...(domainOwner !== undefined && { 'domain-owner': domainOwner }),
      duration: String(durationSeconds),
    },
    headers: { host },
  };
  const signed = await signerFor(connection, 'codeartifact').sign(request);
  const { response } = await connection.requestHandler.handle(new HttpRequest(signed), { abortSignal });
  const body = await jsonOf(response.body);
  if (response.statusCode === 200) return body;
  throw refusal(response.statusCode, response.headers['x-amzn-errortype'], body);
}

/** An error with the fields that the SDK's own errors have. */
function refusal(httpStatusCode: number, type: string | undefined, body: unknown): Error {
  const { __type, message } = (body ?? {}) as { readonly __type?: unknown; readonly message?: unknown };
  // "AccessDeniedException:http://…", or "com.amazonaws…#AccessDeniedException"
  const name = /^(?:[^#:]*#)?([A-Za-z]+)/.exec(type ?? String(__type ?? ''))?.[1] ?? 'Error';
  const error = new Error(typeof message === 'string' ? message : '');
  return Object.assign(error, { name, $metadata: { httpStatusCode } });
}

/** The response as JSON; undefined if it is none. */
async function jsonOf(stream: Readable): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.length;
    if (bytes > maxResponseBytes) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    return undefined;
  }
}

function tokenFrom(body: unknown): CodeArtifactToken {
  const { authorizationToken: token, expiration } = (body ?? {}) as Readonly<Record<string, unknown>>;
  // a line break would add a line to the file or report that the token is written to
  const until = new Date(typeof expiration === 'number' ? expiration * 1000 : Number.NaN);
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) && !Number.isNaN(until.getTime()))
    return { token, expiration: until };
  throw new AwsOidcError('REFUSED', `The response to ${action} is not from AWS.`, {
    hint: 'Check AWS_ENDPOINT_URL_CODEARTIFACT, AWS_ENDPOINT_URL and the proxy variables.',
  });
}
