import type { Agent, AgentOptions } from 'node:https';
import { HttpsProxyAgent } from 'hpagent';

/** How long to wait for the response of the proxy: as long as an attempt may last. In milliseconds. */
const tunnelLimitMs = 10_000;

/**
 * An agent that connects to https servers through a proxy, with CONNECT. Node's HTTP client reads the proxy's
 * response, so its limit for headers applies (16 KiB).
 *
 * @param options for the connection to the server, and to the proxy if that uses TLS
 */
export function createTunnelAgent(proxy: URL, options: AgentOptions): Agent {
  const { ca, rejectUnauthorized } = options;
  const proxyRequestOptions = {
    ca,
    rejectUnauthorized,
    // an IPv6 address must be without the brackets that it has in a URL
    hostname: proxy.hostname.replace(/[[\]]/g, ''),
    // read for each tunnel, because aborting a request does not stop its tunnel from being set up
    get signal() {
      return AbortSignal.timeout(tunnelLimitMs);
    },
  };
  return new TunnelAgent({ ...options, proxy, proxyRequestOptions } as AgentOptions & { proxy: URL });
}

class TunnelAgent extends HttpsProxyAgent {
  override createConnection(...[options, callback]: Required<Parameters<Agent['createConnection']>>) {
    return super.createConnection(options, (error, socket) => callback(error && asAnswer(error), socket));
  }
}

/** Adds a code and a status to the library's error for a proxy response other than 200. */
function asAnswer(error: Error): Error {
  const status = /Bad response: (\d+)/.exec(error.message)?.[1];
  if (status === undefined) return error;
  return Object.assign(new Error(`the proxy returned status ${status}`), {
    code: `HTTP ${status}`,
    $response: { statusCode: Number(status) },
  });
}
