import { bracesIn } from '../text/braces.ts';

/** No token is longer, with what clings to it. */
const maxTokenText = 100_000;

/**
 * A token as people paste it, without what clings to it: `Bearer`, quotes, the name of a variable, line breaks, a
 * byte order mark. Without a token in it the text is given back.
 */
export function pastedToken(text: string): string {
  if (text.length > maxTokenText) return text;
  const flat = text.replace(/[\s\uFEFF]+/g, '');
  const [found] = /eyJ[\w+/=-]*\.[\w+/=-]+\.[\w+/=-]*/.exec(flat) ?? [];
  if (found === undefined) return flat;
  // some decoders write plain base64
  return found
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+(?=\.|$)/g, '');
}

/** What a job's log has in place of a masked variable: https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable */
export function isMasked(text: string): boolean {
  return text.includes('[MASKED]');
}

/**
 * Claims as people paste them: an object of JSON, also inside of `payload` as debuggers of tokens show it, or the
 * rows that this program prints in a job's log (`token iss  https://…`).
 *
 * @returns undefined where the text is none of these
 */
export function pastedClaims(text: string): Readonly<Record<string, unknown>> | undefined {
  const clean = withoutLog(text).trim();
  const values = [parse(clean), partOfToken(clean), ...bracesIn(clean).map((one) => parse(one.text))];
  return values.map(claimsOf).find((claims) => claims !== undefined) ?? rowsIn(clean);
}

/** Without colours, and without the times that GitLab puts in front of lines. */
function withoutLog(text: string): string {
  return (
    text
      .replace(/^\uFEFF/, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
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
  // the header of a token is an object, too
  return claims.alg !== undefined && claims.iss === undefined ? undefined : claims;
}

/** The middle of a token, alone. */
function partOfToken(text: string): unknown {
  return /^eyJ[\w-]+$/.test(text) ? parse(Buffer.from(text, 'base64url').toString('utf8')) : undefined;
}

/** A line of a log: perhaps a time and colours in front, then a claim and its value. */
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
