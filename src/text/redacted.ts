/** Shorter parts are too likely to occur in text that is not secret. */
const minSecretLength = 8;

/**
 * Masks secrets in a text: the given ones, each part of those with dots (tokens), and anything that looks
 * like a token or like credentials in a URL. STS repeats values in some errors, a proxy may repeat a whole
 * request, and a user may have set the wrong input to a token.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split('.')]);
  const known = parts
    .filter((part) => part.length >= minSecretLength)
    .reduce((rest, part) => rest.replaceAll(part, '[masked]'), text);
  return known.replace(/\beyJ[\w-]{5,}(\.[\w-]*)*/g, '[masked]').replace(/:\/\/[^\s/@]+@/g, '://[masked]@');
}
