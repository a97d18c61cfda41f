import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The credentials that an SDK is given. */
export interface ServedSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly account: string;
}

/** What the server gets its answers from. */
export interface CredentialsSource {
  /** The current session. It rejects if there is none. */
  readonly current: () => Promise<ServedSession>;
  /** Why there is none: one line, safe to show to anyone who has the authorization token. */
  readonly explain: (error: unknown) => string;
}

/** What a client needs to get credentials. */
export interface CredentialsEndpoint {
  readonly url: string;
  readonly authorizationToken: string;
}

/** A running server. */
export interface CredentialsServer {
  readonly endpoint: CredentialsEndpoint;
  stop(): void;
}

/** The only path. */
const path = '/credentials';
const tokenBytes = 32;
const maxHeaderBytes = 8192;
/** For all headers of a request, and for the whole request, in milliseconds. */
const requestMs = 5000;
const maxConnections = 512;

/**
 * Serves credentials on 127.0.0.1, as AWS SDKs expect it of a container provider. A request must have the random
 * authorization token, and exactly this server's address as its host, which a web page that resolves its own name to
 * 127.0.0.1 ("DNS rebinding") cannot have. It writes no log.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 *
 * @throws the error of the operating system, if no port can be opened
 */
export async function startCredentialsServer(source: CredentialsSource): Promise<CredentialsServer> {
  const authorizationToken = randomBytes(tokenBytes).toString('base64url');
  const limits = { headersTimeout: requestMs, requestTimeout: requestMs, connectionsCheckingInterval: 500 };
  const server = createServer({ ...limits, maxHeaderSize: maxHeaderBytes, keepAlive: false });
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', (request, response) => {
    answer(request, host, authorizationToken, source).then(
      (result) => send(response, result),
      () => response.destroy(),
    );
  });
  return { endpoint: { url: `http://${host}${path}`, authorizationToken }, stop: () => stop(server) };
}

function stop(server: Server): void {
  server.close();
  server.closeAllConnections();
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/** Nothing about the path or the session before the host and the token are right. */
async function answer(
  request: IncomingMessage,
  host: string,
  token: string,
  source: CredentialsSource,
): Promise<Answer> {
  if (request.headers.host !== host) return refusal(403, 'WrongHost', `The host must be ${host}`);
  if (!isSame(request.headers.authorization ?? '', token)) {
    return refusal(
      401,
      'Unauthorized',
      'The header Authorization must have the value of AWS_CONTAINER_AUTHORIZATION_TOKEN',
    );
  }
  if (request.method !== 'GET') return refusal(405, 'MethodNotAllowed', 'The method must be GET');
  if (request.url !== path) return refusal(404, 'NotFound', `The path must be ${path}`);
  try {
    return { status: 200, body: served(await source.current()) };
  } catch (error) {
    return refusal(503, 'SessionExpired', source.explain(error));
  }
}

function served(session: ServedSession): Answer['body'] {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    Token: session.sessionToken,
    Expiration: session.expiration.toISOString().replace(/\.\d+Z/, 'Z'),
    AccountId: session.account,
  };
}

/** SDKs differ in the case of the names that they look for. */
function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { code, message, Code: code, Message: message } };
}

/** In constant time, whatever the length. */
function isSame(given: string, expected: string): boolean {
  const [one, two] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && two !== undefined && timingSafeEqual(one, two);
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    // one request per connection: no client can hold one, with a body for example
    connection: 'close',
  });
  response.end(JSON.stringify(body));
}
