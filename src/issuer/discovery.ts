import { RuleError } from '../errors.ts';
import { type Check, failed, passed } from './check.ts';
import type { Answer } from './http-get.ts';

/** Fetches a document of the issuer. */
export type Get = (url: URL) => Promise<Answer>;

/** The checks of the discovery document, and what it contains. */
export interface Discovery {
  readonly checks: readonly Check[];
  /** The address of the keys; undefined if it could not be read. */
  readonly keysUrl: URL | undefined;
  /** The server's clock. */
  readonly date: Date | undefined;
}

const title = 'discovery document';

/**
 * Fetches and checks the issuer's discovery document, as STS does.
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 *
 * @param issuer the token's `iss`
 */
export async function checkDiscovery(issuer: string, get: Get): Promise<Discovery> {
  const nothing = { keysUrl: undefined, date: undefined };
  if (!issuer.startsWith('https://') || !URL.canParse(issuer)) {
    const remedy = "AWS accepts only https issuers: set GitLab's external_url to an https address.";
    const check = failed('issuer-https', 'issuer over https', `The token's iss is "${issuer}".`, remedy);
    // a test instance without TLS gets the other checks as well
    if (!URL.canParse(issuer)) return { ...nothing, checks: [check] };
    const { checks, ...found } = await fetchDiscovery(issuer, get);
    return { ...found, checks: [check, ...checks] };
  }
  const { checks, ...found } = await fetchDiscovery(issuer, get);
  return {
    ...found,
    checks: [passed('issuer-https', 'issuer over https', `The token's iss is "${issuer}".`), ...checks],
  };
}

async function fetchDiscovery(issuer: string, get: Get): Promise<Discovery> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { answer, check } = await fetchJson('discovery', title, url, get);
  if (answer === undefined) return { checks: [check], keysUrl: undefined, date: undefined };
  const { issuer: named, jwks_uri: keys } = answer.json;
  const same =
    named === issuer
      ? passed('discovery-issuer', 'issuer in the document', `It is "${issuer}", as in the token.`)
      : failed(
          'discovery-issuer',
          'issuer in the document',
          `It is ${JSON.stringify(named)}, but the token's iss is "${issuer}".`,
          "Both come from GitLab's external_url: they must match exactly, including slash and port.",
        );
  const keysUrl = typeof keys === 'string' && URL.canParse(keys) ? new URL(keys) : undefined;
  const where =
    keysUrl === undefined
      ? [
          failed(
            'discovery-keys',
            'address of the keys',
            '"jwks_uri" is missing or not a URL.',
            'Ask the administrators of the issuer to fix it.',
          ),
        ]
      : [];
  return { checks: [check, same, ...where], keysUrl, date: answer.date };
}

interface JsonAnswer {
  readonly json: Readonly<Record<string, unknown>>;
  readonly date: Date | undefined;
}

/** Fetches a JSON object; the check reports whether that worked. */
export async function fetchJson(
  id: string,
  what: string,
  url: URL,
  get: Get,
): Promise<{ readonly answer?: JsonAnswer; readonly check: Check }> {
  const remedy = `Make ${url.host} reachable from this machine and, for STS, from the internet, without a login, redirect or firewall.`;
  const no = (detail: string) => ({ check: failed(id, what, detail, remedy) });
  try {
    const { status, body, date, elapsedMs } = await get(url);
    if (status !== 200) return no(`${url.href} returns HTTP status ${status}.`);
    const json = parseObject(body);
    if (json === undefined) return no(`${url.href} is not a JSON object.`);
    return {
      answer: { json, date },
      check: passed(id, what, `${url.href} responds in ${Math.round(elapsedMs)} ms.`),
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof RuleError)
      return no(`${url.href} cannot be fetched: the proxy variable ${message}.`);
    if (code === undefined) throw error;
    return no(`${url.href} cannot be fetched: ${message} (${code}).`);
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
