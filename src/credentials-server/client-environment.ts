import type { CredentialsEndpoint } from './credentials-server.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What stays the same when a session is renewed. */
interface LastingFacts {
  readonly region: string;
  readonly account: string;
  readonly assumedRoleArn: string;
}

/**
 * The variables that lead SDKs to the endpoint, in place of keys. Every SDK prefers a default profile in the shared
 * files to an endpoint, so the shared credentials file, which has nothing but credentials, is replaced by an empty
 * one.
 *
 * @param env for the proxy variables
 * @param emptyFile a file that is always empty, `/dev/null`
 */
export function clientVariables(
  endpoint: CredentialsEndpoint,
  { region, account, assumedRoleArn }: LastingFacts,
  env: Variables,
  emptyFile: string,
): Readonly<Record<string, string>> {
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: endpoint.authorizationToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCOUNT_ID: account,
    AWS_ASSUMED_ROLE_ARN: assumedRoleArn,
    AWS_SHARED_CREDENTIALS_FILE: emptyFile,
    ...withoutProxy(env),
  };
}

const proxyVariables = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/**
 * Some HTTP clients send requests for 127.0.0.1 to a proxy, unless an exception names it. The exceptions that exist
 * are kept. A client that finds only one of both spellings must not lose those in the other.
 */
function withoutProxy(env: Variables): Readonly<Record<string, string>> {
  if (!proxyVariables.some((name) => env[name])) return {};
  const [upper, lower] = [env.NO_PROXY || env.no_proxy, env.no_proxy || env.NO_PROXY];
  return { NO_PROXY: withLoopback(upper), no_proxy: withLoopback(lower) };
}

function withLoopback(exceptions = ''): string {
  const entries = exceptions.split(/[\s,]+/);
  if (entries.includes('*') || entries.includes('127.0.0.1')) return exceptions;
  return exceptions.trim() === '' ? '127.0.0.1' : `${exceptions.trim()},127.0.0.1`;
}
