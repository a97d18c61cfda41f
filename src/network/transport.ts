import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { getProxyForUrl } from 'proxy-from-env';
import { RuleError } from '../errors.ts';
import { invalidInput } from '../validation/invalid-input.ts';

/** Agents for the SDK's HTTP handler; where one is left out the handler makes its own. */
export interface Agents {
  readonly httpAgent?: HttpAgent;
  readonly httpsAgent?: HttpsAgent;
}

/**
 * Agents for one server. Certificates are verified whatever the environment says: Node would let
 * NODE_TLS_REJECT_UNAUTHORIZED=0 give the token to anybody in between.
 *
 * @param url where requests will go; HTTPS_PROXY, HTTP_PROXY and NO_PROXY decide by it, in capitals
 *   or small letters (the library reads them itself)
 * @param ca certificates in PEM that replace the default ones (AWS_CA_BUNDLE); Node adds
 *   NODE_EXTRA_CA_CERTS to the default ones by itself
 * @throws {RuleError} when the proxy variable holds no http or https URL; the value is not repeated,
 *   it may hold a password
 */
export async function createAgents(url: URL, ca: string | undefined): Promise<Agents> {
  const proxy = getProxyForUrl(url.href);
  const options = { keepAlive: true, rejectUnauthorized: true, ca };
  if (proxy === '') {
    if (url.protocol === 'http:') return {};
    const { Agent } = await import('node:https');
    return { httpsAgent: new Agent(options) };
  }
  if (!URL.canParse(proxy) || !['http:', 'https:'].includes(new URL(proxy).protocol)) {
    throw new RuleError('must be an http or https URL', 'For example http://proxy.example.com:3128.');
  }
  if (url.protocol === 'http:') {
    const { HttpProxyAgent } = await import('http-proxy-agent');
    return { httpAgent: new HttpProxyAgent(proxy, options) };
  }
  const { createTunnelAgent } = await import('./tunnel-agent.ts');
  return { httpsAgent: createTunnelAgent(new URL(proxy), options) };
}

/**
 * The same for a command: a wrong proxy variable is the user's error.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` that names the variable
 */
export async function agentsFor(url: URL, ca: string | undefined): Promise<Agents> {
  try {
    return await createAgents(url, ca);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
    throw invalidInput([{ name, rule: error.message, hint: error.hint }]);
  }
}
