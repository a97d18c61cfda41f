import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type Check, failed, passed, unknown } from './check.ts';

/** Whom to compare a chain with. */
export interface Expectation {
  readonly host: string;
  readonly now: Date;
  /** Authorities that everybody trusts, AWS too. */
  readonly publicRoots: readonly X509Certificate[];
  /** Authorities that are trusted on this machine only (AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS). */
  readonly privateRoots: readonly X509Certificate[];
}

/**
 * The thumbprint that AWS computes: SHA-1 of the last certificate that the server sends.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
 */
export function thumbprint(chain: readonly X509Certificate[]): string {
  return (chain.at(-1)?.fingerprint ?? '').replaceAll(':', '').toLowerCase();
}

/** Looks at a chain as it was served, the server's certificate first. */
export function checkChain(chain: readonly X509Certificate[], expected: Expectation): readonly Check[] {
  const [leaf] = chain;
  if (leaf === undefined) {
    return [
      failed(
        'certificate',
        'certificate',
        'The server sends none.',
        'Configure the certificate of the server.',
      ),
    ];
  }
  const details = `thumbprint ${thumbprint(chain)}, of "${nameOf(chain.at(-1))}", the last of ${chain.length} certificates`;
  return [
    checkHost(leaf, expected.host),
    checkDates(chain, expected.now),
    checkDuplicates(chain),
    checkOrder(chain),
    checkRoot(chain),
    checkAuthority(chain, expected),
    passed('thumbprint', 'thumbprint', `AWS would compute the ${details}.`),
  ];
}

function checkHost(leaf: X509Certificate, host: string): Check {
  const [id, title] = ['certificate-host', "the certificate's host"];
  const fits = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
  if (fits !== undefined) return passed(id, title, `It is for ${host}.`);
  const names = leaf.subjectAltName ?? 'no name';
  return failed(
    id,
    title,
    `It is for ${names}, not for ${host}.`,
    `Get a certificate with the name ${host}.`,
  );
}

function checkDates(chain: readonly X509Certificate[], now: Date): Check {
  const [id, title] = ['certificate-dates', 'validity'];
  const remedy = 'Renew it; compare the clock, too.';
  const expired = chain.find(({ validTo }) => new Date(validTo) < now);
  if (expired) return failed(id, title, `"${nameOf(expired)}" was valid until ${expired.validTo}.`, remedy);
  const early = chain.find(({ validFrom }) => new Date(validFrom) > now);
  if (early) return failed(id, title, `"${nameOf(early)}" is valid from ${early.validFrom}.`, remedy);
  return passed(id, title, `All certificates are valid, the server's until ${chain[0]?.validTo}.`);
}

function checkDuplicates(chain: readonly X509Certificate[]): Check {
  const [id, title] = ['certificate-duplicates', 'duplicates'];
  const prints = chain.map(({ fingerprint256 }) => fingerprint256);
  const twice = chain.find((_, index) => prints.indexOf(prints[index] ?? '') !== index);
  if (twice === undefined) return passed(id, title, 'No certificate is sent twice.');
  return failed(
    id,
    title,
    `"${nameOf(twice)}" is sent twice.`,
    'Take it out of the chain file of the server.',
  );
}

/** Each certificate is followed by the one that signed it: RFC 5246 section 7.4.2. */
function checkOrder(chain: readonly X509Certificate[]): Check {
  const [id, title] = ['certificate-order', 'order of the chain'];
  const distinct = chain.filter((one, index) => one.fingerprint256 !== chain[index - 1]?.fingerprint256);
  const wrong = distinct.findIndex((one, index) => {
    const next = distinct[index + 1];
    return next !== undefined && !isIssuedBy(one, next);
  });
  if (wrong < 0) return passed(id, title, 'Each certificate is followed by its issuer.');
  const [one, next] = [distinct[wrong], distinct[wrong + 1]];
  return failed(
    id,
    title,
    `"${nameOf(one)}" is followed by "${nameOf(next)}", which did not sign it.`,
    "Write the chain file anew: the server's certificate, then the one that signed it, and so on.",
  );
}

function checkRoot(chain: readonly X509Certificate[]): Check {
  const [id, title] = ['certificate-root', 'root in the chain'];
  const root = chain.slice(1).find(isSelfSigned);
  if (root === undefined) return passed(id, title, 'The chain ends below the root, as it should.');
  return failed(
    id,
    title,
    `The server sends the root "${nameOf(root)}" as well.`,
    'Take the root out of the chain file: it is of no use there, and AWS computes the thumbprint of it.',
  );
}

function checkAuthority(chain: readonly X509Certificate[], expected: Expectation): Check {
  const [id, title] = ['certificate-authority', 'authority'];
  const last = lastLink(chain);
  const among = (roots: readonly X509Certificate[]) =>
    roots.find((root) => isIssuedBy(last, root) || root.fingerprint256 === last.fingerprint256);
  const publicRoot = among(expected.publicRoots);
  if (publicRoot) return passed(id, title, `The chain leads to "${nameOf(publicRoot)}".`);
  const add = `AWS trusts it only where the thumbprint ${thumbprint(chain)} is in the IAM provider.`;
  if (chain.length === 1 && isSelfSigned(last)) {
    return unknown(id, title, 'The certificate is self-signed.', add);
  }
  const privateRoot = among(expected.privateRoots);
  if (privateRoot)
    return unknown(id, title, `The chain leads to "${nameOf(privateRoot)}", a private authority.`, add);
  if (last.ca || isSelfSigned(last)) {
    return unknown(id, title, `The chain leads to "${issuerOf(last)}", which is no public authority.`, add);
  }
  return failed(
    id,
    title,
    `The certificate of "${issuerOf(last)}", which signed "${nameOf(last)}", is missing.`,
    `Add the intermediate certificate to the chain file of the server. If the authority is a private one: ${add}`,
  );
}

/** Where the chain leads to, whatever order it is in. */
function lastLink(chain: readonly X509Certificate[]): X509Certificate {
  let last = chain[0] as X509Certificate;
  for (let steps = 0; steps < chain.length; steps++) {
    const next = chain.find((one) => one !== last && !isSelfSigned(last) && isIssuedBy(last, one));
    if (next === undefined) break;
    last = next;
  }
  return last;
}

function isIssuedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  return one.issuer === issuer.subject && one.verify(issuer.publicKey);
}

function isSelfSigned(one: X509Certificate): boolean {
  return isIssuedBy(one, one);
}

function nameOf(one: X509Certificate | undefined): string {
  return commonName(one?.subject ?? '');
}

function issuerOf(one: X509Certificate): string {
  return commonName(one.issuer);
}

function commonName(name: string): string {
  return /^CN=(.*)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', ');
}
