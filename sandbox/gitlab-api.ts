import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import { type Fault, Faults } from './faults.ts';
import { type ApiAnswer, type ApiState, answerRequest, htmlPage } from './gitlab-endpoints.ts';
import type { SandboxPipeline } from './gitlab-pipelines.ts';
import { defaultProjects, type SandboxProject } from './gitlab-projects.ts';
import { type SandboxToken, sandboxTokens } from './gitlab-tokens.ts';

/** The settings of the sandbox's GitLab. */
export interface GitlabApiOptions {
  /** If set, the server uses HTTPS. */
  readonly certificate?: Certificate;
  /** By default a free port. */
  readonly port?: number;
  /** The address of the instance in the responses, if it is not the server's own. */
  readonly instance?: string;
  readonly projects?: readonly SandboxProject[];
  readonly tokens?: readonly SandboxToken[];
  /** Called with each pipeline that is started, to add jobs to it and to change them later. */
  readonly onPipeline?: (pipeline: SandboxPipeline) => void;
  /** Requests in a minute; GitLab answers further ones with status 429. */
  readonly requestsPerMinute?: number;
}

/** A received request, with the name of the header that had a token, but not the token. */
export interface SeenApiRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly authentication: 'private-token' | 'authorization' | undefined;
}

/** GitLab's REST API on this machine. */
export interface GitlabApiServer {
  readonly url: string;
  readonly requests: readonly SeenApiRequest[];
  readonly pipelines: readonly SandboxPipeline[];
  /** Faults of kind `error` are status 500. */
  readonly faults: Faults;
  stop(): Promise<void>;
}

/**
 * Starts a server with GitLab's responses for the endpoints that the program uses.
 * https://docs.gitlab.com/api/rest/
 */
export async function startGitlabApi(options: GitlabApiOptions = {}): Promise<GitlabApiServer> {
  const { certificate, port = 0, requestsPerMinute } = options;
  const faults = new Faults();
  const requests: SeenApiRequest[] = [];
  const limit = requestsPerMinute === undefined ? undefined : new MinuteLimit(requestsPerMinute);
  const state: ApiState = {
    url: '',
    projects: options.projects ?? defaultProjects,
    tokens: options.tokens ?? Object.values(sandboxTokens),
    pipelines: [],
    onPipeline: options.onPipeline ?? succeed,
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    requests.push(seen(request));
    const fault = faults.next();
    const answer = limit?.refuse() ?? faultAnswer(fault) ?? answerRequest(request, body, state);
    await send(response, { ...answer, headers: { ...limit?.headers(), ...answer.headers } }, fault);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error) => {
      // the client disconnected, or the sandbox has a bug: report that and reset the connection
      if (!response.destroyed) console.error(error);
      response.destroy();
    });
  };
  const server = certificate ? createHttpsServer(certificate, listener) : createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: actualPort } = server.address() as AddressInfo;
  const url = `${certificate ? 'https' : 'http'}://127.0.0.1:${actualPort}`;
  state.url = options.instance ?? url;
  return {
    url,
    requests,
    pipelines: state.pipelines,
    faults,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a pipeline does if the test does not care. */
function succeed(pipeline: SandboxPipeline): void {
  const job = pipeline.addJob('deploy', 'deploy');
  job.plan(
    { status: 'pending', afterMs: 0 },
    { status: 'running', afterMs: 50 },
    { status: 'success', afterMs: 150 },
  );
}

function seen({ method = '', url: path = '', headers }: IncomingMessage): SeenApiRequest {
  const names = ['private-token', 'authorization'] as const;
  return { method, path, authentication: names.find((name) => headers[name] !== undefined) };
}

/** https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers */
class MinuteLimit {
  readonly #perMinute: number;
  #seen = 0;
  #resetsAt = Math.ceil(Date.now() / 1000) + 60;

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** The response for a request above the limit. */
  refuse(): ApiAnswer | undefined {
    if (Date.now() / 1000 >= this.#resetsAt) {
      this.#seen = 0;
      this.#resetsAt += 60;
    }
    this.#seen++;
    if (this.#seen <= this.#perMinute) return undefined;
    const seconds = Math.max(1, Math.ceil(this.#resetsAt - Date.now() / 1000));
    return {
      status: 429,
      type: 'text/plain',
      body: 'Retry later\n',
      headers: { 'retry-after': `${seconds}` },
    };
  }

  headers(): Readonly<Record<string, string>> {
    return {
      'ratelimit-limit': `${this.#perMinute}`,
      'ratelimit-name': 'throttle_authenticated_api',
      'ratelimit-observed': `${this.#seen}`,
      'ratelimit-remaining': `${Math.max(0, this.#perMinute - this.#seen)}`,
      'ratelimit-reset': `${this.#resetsAt}`,
    };
  }
}

function faultAnswer(fault: Fault | undefined): ApiAnswer | undefined {
  switch (fault?.kind) {
    case 'status': {
      const { retryAfter, location } = fault;
      const headers = {
        ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
        ...(location !== undefined && { location }),
      };
      return { ...htmlPage(fault.status), headers };
    }
    case 'garbage':
      return { status: fault.status ?? 200, type: 'application/json', body: fault.body };
    case 'error':
      return { status: 500, type: 'application/json', body: '{"message":"500 Internal Server Error"}' };
    default:
      return undefined;
  }
}

async function send(response: ServerResponse, answer: ApiAnswer, fault: Fault | undefined): Promise<void> {
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'reset' && fault.when === 'before-answer') {
    response.destroy();
    return;
  }
  const half = answer.body.slice(0, answer.body.length / 2);
  const body = fault?.kind === 'truncate' ? half : answer.body;
  response.writeHead(answer.status, {
    'content-type': fault?.kind === 'content-type' ? fault.contentType : answer.type,
    'content-length': Buffer.byteLength(body),
    ...answer.headers,
  });
  if (fault?.kind === 'drip') {
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
  } else if (fault?.kind === 'reset') response.write(half, () => response.destroy());
  else response.end(body);
}
