import { domainToUnicode } from 'node:url';

/** Issuers that are worth imitating. */
const wellKnown = [
  'gitlab.com',
  'token.actions.githubusercontent.com',
  'oidc.circleci.com',
  'api.bitbucket.org',
  'app.terraform.io',
  'agent.buildkite.com',
  'accounts.google.com',
  'oidc.vercel.com',
] as const;

/**
 * The well-known issuer that a provider's host resembles without being it: `gitIab.com`, `gitlab.com.example.net`,
 * `gitlab.co`.
 *
 * @param name the issuer without its scheme
 */
export function lookAlikeOf(name: string): string | undefined {
  const [ascii = ''] = name.toLowerCase().split(/[:/]/);
  const host = domainToUnicode(ascii) || ascii;
  if ((wellKnown as readonly string[]).includes(host)) return undefined;
  return wellKnown.find((one) => resembles(host, one));
}

function resembles(host: string, known: string): boolean {
  if (host.startsWith(`${known}.`) || host.startsWith(`${known}-`)) return true;
  if (host.startsWith(known.replaceAll('.', '-'))) return true;
  return plain(host) === plain(known) || isOneEditAway(plain(host), plain(known));
}

/** Characters that look alike become one of them. */
function plain(host: string): string {
  return (
    host
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      // letters of other alphabets
      .replace(/\u0430/g, 'a')
      .replace(/\u0435/g, 'e')
      .replace(/\u043e/g, 'o')
      .replace(/\u0441/g, 'c')
      .replace(/[i1|\u0131\u0456\u04cf]/g, 'l')
      .replace(/0/g, 'o')
      .replace(/rn/g, 'm')
      .replace(/vv/g, 'w')
  );
}

/** Is one character added, missing, different, or exchanged with its neighbor? */
function isOneEditAway(a: string, b: string): boolean {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  const longest = Math.min(a.length, b.length) - start;
  while (end < longest && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const isSwapped = x.length === 2 && y.length === 2 && x === [...y].reverse().join('');
  return Math.max(x.length, y.length) <= 1 || isSwapped;
}
