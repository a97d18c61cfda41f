/** The payload of an ID token: whatever somebody put there. */
export type Claims = Readonly<Record<string, unknown>>;

/** A claim as text; undefined where it is absent or no text. */
export function textClaim(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The audiences: `aud` is one text or a list (RFC 7519 section 4.1.3). */
export function audiencesOf(claims: Claims): readonly string[] {
  const { aud } = claims;
  return (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string');
}

/** Claims that tell where a token comes from and nothing about a person, in the order of interest. */
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

/** The claims that may stand in a job log, as text. */
export function safeClaims(claims: Claims): readonly (readonly [name: string, value: string])[] {
  return safeClaimNames.flatMap((name) => {
    const value = claims[name];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
}
