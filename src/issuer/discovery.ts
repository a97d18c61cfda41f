import { RuleError } from '../errors.ts';
import { type Check, failed, passed } from './check.ts';
import type { Answer } from './http-get.ts';

/** Fetches a document of the issuer. */
export type Get = (url: URL) => Promise<Answer>;

/** What the discovery document led to. */
export interface Discovery {
  readonly checks: readonly Check[];
  /** Where the keys are; undefined where that was not to be learned. */
  readonly keysUrl: URL | undefined;
  readonly date: Date | undefined;
}

const title = 'discovery document';

/**
 * Looks at the issuer's discovery document as STS does.
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 *
 * @param issuer the token's `iss`
 */
export async function checkDiscovery(issuer: string, get: Get): Promise<Discovery> {
  const nothing = { keysUrl: undefined, date: undefined };
  if (!issuer.startsWith('https://') || !URL.canParse(issuer)) {
    const remedy = "AWS takes issuers over https only: set GitLab's external_url to an https address.";
    const check = failed('issuer-https', 'issuer over https', `The token's iss is "${issuer}".`, remedy);
    // the rest can be looked at all the same, on an instance for tests
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
      ? passed('discovery-issuer', 'issuer in it', `It is "${issuer}", as in the token.`)
      : failed(
          'discovery-issuer',
          'issuer in it',
          `It is ${JSON.stringify(named)}, the token says "${issuer}".`,
          "Both come from GitLab's external_url: they must be equal to the letter, slash and port included.",
        );
  const keysUrl = typeof keys === 'string' && URL.canParse(keys) ? new URL(keys) : undefined;
  const where =
    keysUrl === undefined
      ? [
          failed(
            'discovery-keys',
            'address of the keys',
            '"jwks_uri" is missing or no address.',
            'The issuer is out of order: ask its administrators.',
          ),
        ]
      : [];
  return { checks: [check, same, ...where], keysUrl, date: answer.date };
}

interface JsonAnswer {
  readonly json: Readonly<Record<string, unknown>>;
  readonly date: Date | undefined;
}

/** Fetches a JSON object, and says how that went. */
export async function fetchJson(
  id: string,
  what: string,
  url: URL,
  get: Get,
): Promise<{ readonly answer?: JsonAnswer; readonly check: Check }> {
  const remedy = `From this machine ${url.host} must be reachable, and from the internet for STS, without a login, a redirect or a firewall.`;
  const no = (detail: string) => ({ check: failed(id, what, detail, remedy) });
  try {
    const { status, body, date, elapsedMs } = await get(url);
    if (status !== 200) return no(`${url.href} answers with status ${status}.`);
    const json = parseObject(body);
    if (json === undefined) return no(`${url.href} is no JSON object.`);
    return {
      answer: { json, date },
      check: passed(id, what, `${url.href} answers in ${Math.round(elapsedMs)} ms.`),
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof RuleError)
      return no(`${url.href} cannot be fetched: the variable of the proxy ${message}.`);
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
