/**
 * Variables that hold nothing since GitLab 17.0.
 * https://docs.gitlab.com/update/deprecations/#old-versions-of-json-web-tokens-are-deprecated
 */
const legacyName = /\bCI_JOB_JWT(?:_V[12])?\b/g;

/** Does a text mention one of them, in any form that a shell, PowerShell or cmd.exe has? */
export function mentionsLegacy(text: string): boolean {
  return text.search(legacyName) >= 0;
}

/** Each mention: where, and which. */
export function legacyMentions(text: string): readonly { readonly offset: number; readonly name: string }[] {
  return [...text.matchAll(legacyName)].map((match) => ({ offset: match.index, name: match[0] }));
}

/** Does a text use a variable, as `$NAME` or `${NAME…}`? */
export function usesVariable(text: string, name: string): boolean {
  const escaped = name.replace(/\W/g, '\\$&');
  return new RegExp(`\\$(?:${escaped}\\b|\\{${escaped}\\b)`).test(text);
}

const otherServices =
  /\b(vault|VAULT_\w+|gcloud|google|GOOGLE_\w+|azure|az login|ARM_\w+|conjur|akeyless|infisical|cosign|sigstore)\b/i;
const aws = /\baws\b|\bAWS_|web.?identity|\bsts\b|arn:/i;

/** What a script uses the token for, as far as its text tells. */
export function purposeOf(text: string): 'aws' | 'other' | 'unknown' {
  if (aws.test(text)) return 'aws';
  return otherServices.test(text) ? 'other' : 'unknown';
}
