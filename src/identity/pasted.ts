import { bracesIn } from '../text/braces.ts';

/** Longer text is not searched for a token. */
const maxTokenText = 100_000;

/**
 * Extracts a token from pasted text: removes `Bearer`, quotes, a variable name, line breaks, a byte order mark.
 * Text without a token is returned without its white space.
 */
export function pastedToken(text: string): string {
  if (text.length > maxTokenText) return text;
  const flat = text.replace(/[\s\uFEFF]+/g, '');
  const [found] = /eyJ[\w+/=-]*\.[\w+/=-]+\.[\w+/=-]*/.exec(flat) ?? [];
  if (found === undefined) return flat;
  // some tools write plain base64
  return found
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+(?=\.|$)/g, '');
}

/** Does it contain the placeholder for masked variables? https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable */
export function isMasked(text: string): boolean {
  return text.includes('[MASKED]');
}

/**
 * Reads pasted claims: a JSON object, also in a `payload` member as token debuggers print it, or the lines that
 * this program prints in a job log (`token iss  https://…`).
 *
 * @returns undefined if the text is none of these
 */
export function pastedClaims(text: string): Readonly<Record<string, unknown>> | undefined {
  const clean = withoutLog(text).trim();
  const values = [parse(clean), partOfToken(clean), ...bracesIn(clean).map((one) => parse(one.text))];
  return values.map(claimsOf).find((claims) => claims !== undefined) ?? rowsIn(clean);
}

/** Removes colors and GitLab's timestamps. */
function withoutLog(text: string): string {
  return (
    text
      .replace(/^\uFEFF/, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colors
      .replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
      .replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z \d\d[OE]\+? ?/gm, '')
  );
}

function claimsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const object = [value].flat()[0];
  if (!isObject(object)) return undefined;
  const nested = ['payload', 'claims', 'body', 'Payload', 'decoded']
    .map((name) => object[name])
    .find(isObject);
  const claims = object.iss === undefined && nested !== undefined ? nested : object;
  // a token's header is also an object
  return claims.alg !== undefined && claims.iss === undefined ? undefined : claims;
}

/** The payload part of a token, without the rest. */
function partOfToken(text: string): unknown {
  return /^eyJ[\w-]+$/.test(text) ? parse(Buffer.from(text, 'base64url').toString('utf8')) : undefined;
}

/** Reads the lines of a job log that show a claim and its value. */
function rowsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const lines = text.split(/\r?\n/);
  const rows = lines.flatMap((line) => {
    const [, name, value] = /(?:^|\s)token ([a-z_./-]+)\s+(\S.*)$/.exec(line.trimEnd()) ?? [];
    return name === undefined || value === undefined ? [] : [[name, claimValue(name, value)] as const];
  });
  return rows.length === 0 ? undefined : Object.fromEntries(rows);
}

function claimValue(name: string, value: string): unknown {
  const isNumber = ['exp', 'iat', 'nbf'].includes(name);
  return value.startsWith('[') || isNumber ? (parse(value) ?? value) : value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
