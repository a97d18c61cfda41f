/** Shorter parts are too likely to be found where they mean something else. */
const minSecretLength = 8;

/**
 * Takes secrets out of a text: those given, each part of one that has dots (a token), and whatever
 * looks like a token, or like the password in an address. STS repeats values in some errors, a proxy may repeat a whole request, and a
 * user may have put a token into the wrong input.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split('.')]);
  const known = parts
    .filter((part) => part.length >= minSecretLength)
    .reduce((rest, part) => rest.replaceAll(part, '[masked]'), text);
  return known.replace(/\beyJ[\w-]{5,}(\.[\w-]*)*/g, '[masked]').replace(/:\/\/[^\s/@]+@/g, '://[masked]@');
}
