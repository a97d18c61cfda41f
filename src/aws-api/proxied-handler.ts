import { NodeHttpHandler } from '@smithy/node-http-handler';
import { agentsFor } from '../network/transport.ts';

/** Part of the SDK's interface for HTTP handlers, which is all that its clients need. */
export type RequestHandler = Pick<NodeHttpHandler, 'handle' | 'metadata'>;

const connectionTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

/**
 * An HTTP handler for the SDK that uses the proxy for each server, because one client of the SDK can call several: IAM,
 * and the servers that its credentials come from.
 *
 * @param ca the certificates (PEM) that replace the default ones; see `createAgents`
 */
export function proxiedHandler(ca: string | undefined): RequestHandler {
  const handlers = new Map<string, Promise<NodeHttpHandler>>();
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, options) {
      const port = request.port === undefined ? '' : `:${request.port}`;
      const origin = `${request.protocol}//${request.hostname}${port}`;
      const handler = handlers.get(origin) ?? handlerFor(new URL(origin), ca);
      handlers.set(origin, handler);
      return await (await handler).handle(request, options);
    },
  };
}

async function handlerFor(url: URL, ca: string | undefined): Promise<NodeHttpHandler> {
  return new NodeHttpHandler({
    ...(await agentsFor(url, ca)),
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  });
}
