import type { Agent, AgentOptions } from 'node:https';
import { HttpsProxyAgent } from 'hpagent';

/** No answer of a proxy is waited for longer than an attempt lasts; in milliseconds. */
const tunnelLimitMs = 10_000;

/**
 * An agent that reaches https servers through a proxy, by CONNECT. Node's own HTTP client reads the proxy's
 * answer, so its limit on headers holds (16 KiB).
 *
 * @param options for the connection to the server, and for that to a proxy with TLS
 */
export function createTunnelAgent(proxy: URL, options: AgentOptions): Agent {
  const { ca, rejectUnauthorized } = options;
  const proxyRequestOptions = {
    ca,
    rejectUnauthorized,
    // a literal IPv6 address, without the brackets of a URL
    hostname: proxy.hostname.replace(/[[\]]/g, ''),
    // read for each tunnel: the request that waits for one does not end it
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

/** What the library says of a proxy that answers something else than 200, as an error with a code and a status. */
function asAnswer(error: Error): Error {
  const status = /Bad response: (\d+)/.exec(error.message)?.[1];
  if (status === undefined) return error;
  return Object.assign(new Error(`the proxy returned status ${status}`), {
    code: `HTTP ${status}`,
    $response: { statusCode: Number(status) },
  });
}
