import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificate.ts';
import { type Fault, Faults } from './faults.ts';
import { Iam } from './iam.ts';
import { KeyStore } from './key-store.ts';
import type { RateLimit } from './rate-limit.ts';
import { actions, type Result, type Sts } from './sts-actions.ts';
import { StsRefusal, stsErrors } from './sts-errors.ts';

/** A received request, without its parameters, because one of them is a token. */
export interface SeenRequest {
  readonly action: string;
  readonly roleArn: string;
  readonly at: Date;
  /** The key that signed it; empty if it is not signed. */
  readonly keyId: string;
  /** Its parameters, without the token. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A request and the status that it was answered with. */
export interface AnsweredRequest extends SeenRequest {
  readonly status: number;
}

export interface StsServer {
  readonly url: string;
  readonly iam: Iam;
  readonly keys: KeyStore;
  readonly faults: Faults;
  readonly requests: readonly SeenRequest[];
  readonly answers: readonly AnsweredRequest[];
  stop(): Promise<void>;
}

const xmlNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/**
 * Starts an STS on this machine. It uses the query protocol over HTTP, or over HTTPS if there is a certificate.
 *
 * @param limit requests above it are throttled
 */
export async function startStsServer(
  certificate?: Certificate,
  port = 0,
  limit?: RateLimit,
): Promise<StsServer> {
  const sts: Sts = { iam: new Iam(), keys: new KeyStore() };
  const faults = new Faults();
  const requests: SeenRequest[] = [];
  const answers: AnsweredRequest[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    const [, keyId = ''] = /Credential=([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
    const { WebIdentityToken: _, ...others } = Object.fromEntries(parameters);
    const roleArn = parameters.get('RoleArn') ?? '';
    const seen = { action, roleArn, at: new Date(), keyId, parameters: others };
    requests.push(seen);
    const throttled = limit?.take() === false;
    const fault = throttled ? throttling : faults.next();
    const answer = await answerTo(sts, action, parameters, request, body, fault);
    answers.push({ ...seen, status: answer.status });
    await send(response, answer, fault);
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
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${actualPort}`,
    iam: sts.iam,
    keys: sts.keys,
    faults,
    requests,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const throttling: Fault = { kind: 'error', error: 'throttling' };

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | undefined;
  readonly location?: string | undefined;
}

async function answerTo(
  sts: Sts,
  action: string,
  parameters: URLSearchParams,
  request: IncomingMessage,
  body: string,
  fault: Fault | undefined,
): Promise<Answer> {
  switch (fault?.kind) {
    case 'status':
      return { status: fault.status, body: '', retryAfter: fault.retryAfter, location: fault.location };
    case 'garbage':
      return { status: fault.status ?? 200, body: fault.body };
    case 'error':
      return { ...errorAnswer(new StsRefusal(fault.error)), retryAfter: fault.retryAfter };
  }
  try {
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (run === undefined) throw new StsRefusal('invalidAction', { ACTION: action });
    const { method = '', url: path = '' } = request;
    const headers = request.headers as Record<string, string>;
    return {
      status: 200,
      body: document(action, await run(sts, parameters, { method, path, headers, body })),
    };
  } catch (error) {
    if (error instanceof StsRefusal) return errorAnswer(error);
    throw error;
  }
}

async function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): Promise<void> {
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'reset' && fault.when === 'before-answer') {
    response.destroy();
    return;
  }
  const half = answer.body.slice(0, answer.body.length / 2);
  const body = fault?.kind === 'truncate' ? half : answer.body;
  response.writeHead(answer.status, {
    'content-type': fault?.kind === 'content-type' ? fault.contentType : 'text/xml',
    'content-length': Buffer.byteLength(body),
    ...(answer.retryAfter !== undefined && { 'retry-after': answer.retryAfter }),
    ...(answer.location !== undefined && { location: answer.location }),
  });
  if (fault?.kind === 'drip') return drip(response);
  if (fault?.kind === 'reset') response.write(half, () => response.destroy());
  else response.end(body);
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
}

function errorAnswer({ answer }: StsRefusal): Answer {
  const type = answer.status >= stsErrors.internalFailure.status ? 'Receiver' : 'Sender';
  const error = elements({
    Error: { Type: type, Code: answer.code, Message: answer.message },
    RequestId: randomUUID(),
  });
  return { status: answer.status, body: `<ErrorResponse xmlns="${xmlNamespace}">${error}</ErrorResponse>` };
}

function document(action: string, result: Result): string {
  const content = elements({ [`${action}Result`]: result, ResponseMetadata: { RequestId: randomUUID() } });
  return `<${action}Response xmlns="${xmlNamespace}">${content}</${action}Response>`;
}

function elements(result: Result): string {
  return Object.entries(result)
    .map(
      ([name, value]) => `<${name}>${typeof value === 'string' ? escaped(value) : elements(value)}</${name}>`,
    )
    .join('');
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
