/**
 * Variables that have been empty since GitLab 17.0.
 * https://docs.gitlab.com/update/deprecations/#old-versions-of-json-web-tokens-are-deprecated
 */
const legacyName = /\bCI_JOB_JWT(?:_V[12])?\b/g;

/** Does a text contain the name of one, in the syntax of any shell? */
export function mentionsLegacy(text: string): boolean {
  return text.search(legacyName) >= 0;
}

/** The offset and the name of each mention. */
export function legacyMentions(text: string): readonly { readonly offset: number; readonly name: string }[] {
  return [...text.matchAll(legacyName)].map((match) => ({ offset: match.index, name: match[0] }));
}

/** Is it the name of a legacy variable? */
export function isLegacy(name: string): boolean {
  return /^CI_JOB_JWT(_V[12])?$/.test(name);
}

/** The first two never had an audience that a service accepts, so a person must choose one. */
export function hadNoAudience(name: string): boolean {
  return /^CI_JOB_JWT(_V1)?$/.test(name);
}

/** Does a text use a variable, as `$NAME` or `${NAME…}`? */
export function usesVariable(text: string, name: string): boolean {
  const escaped = name.replace(/\W/g, '\\$&');
  return new RegExp(`\\$(?:${escaped}\\b|\\{${escaped}\\b)`).test(text);
}

/** The service that a token is for. */
export type Service = 'aws' | 'vault' | 'other';

const programs: readonly (readonly [RegExp, Service])[] = [
  [/\baws\s+(-[\w-]+\s+)*(sts|configure)\b|assume-role-with-web-identity|AWS_WEB_IDENTITY_TOKEN/i, 'aws'],
  [/\bvault\s+(write|login|kv|read)\b|\/auth\/jwt|VAULT_\w+|\bvault\b/i, 'vault'],
  [
    /\b(gcloud|google|GOOGLE_\w+|azure|az login|ARM_\w+|conjur|akeyless|infisical|cosign|sigstore|keycloak)\b/i,
    'other',
  ],
  [/\baws\b|\bAWS_|web.?identity|\bsts\b|arn:/i, 'aws'],
];

/** The service that a command uses the token for, as far as its text shows. */
export function serviceOf(text: string): Service | undefined {
  return programs.find(([pattern]) => pattern.test(text))?.[1];
}
