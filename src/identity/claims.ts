/** The payload of an ID token, unverified. */
export type Claims = Readonly<Record<string, unknown>>;

/** A claim that is a string; undefined if it is absent or of another type. */
export function textClaim(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** A claim with a single value, as text; undefined if it is absent, a list or an object. */
export function claimAsText(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return /string|number|boolean/.test(typeof value) ? String(value) : undefined;
}

/**
 * Converts a time claim (NumericDate, seconds since 1970: RFC 7519 section 2) to ISO 8601; undefined if it is
 * not a number, or beyond the range of Date.
 */
export function isoTime(seconds: unknown): string | undefined {
  const time = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';

/** https://www.rfc-editor.org/rfc/rfc7519#section-4.1 */
const registeredClaims: Readonly<Record<string, (value: unknown) => boolean>> = {
  iss: isText,
  sub: isText,
  aud: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  exp: isNumber,
  nbf: isNumber,
  iat: isNumber,
};

/** The first registered claim with a wrong type; undefined if there is none. */
export function mistypedClaim(claims: Claims): string | undefined {
  const present = Object.entries(registeredClaims).filter(([name]) => claims[name] !== undefined);
  return present.find(([name, isRight]) => !isRight(claims[name]))?.[0];
}

/** The audiences: `aud` is a string or a list (RFC 7519 section 4.1.3). */
export function audiencesOf(claims: Claims): readonly string[] {
  const { aud } = claims;
  return (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string');
}

/** Claims about the origin of a token, without personal data, most interesting first. */
const safeClaimNames = [
  'iss',
  'aud',
  'sub',
  'project_path',
  'project_id',
  'namespace_id',
  'ref',
  'ref_type',
  'ref_protected',
  'environment',
  'environment_protected',
  'pipeline_source',
  'runner_environment',
  'oidc.circleci.com/project-id',
] as const;

/** The claims that may be printed in a job log, as text. */
export function safeClaims(claims: Claims): readonly (readonly [name: string, value: string])[] {
  return safeClaimNames.flatMap((name) => {
    const value = claims[name];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
}
