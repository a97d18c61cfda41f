import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type Check, failed, passed, unknown } from './check.ts';

/** What a chain is checked against. */
export interface Expectation {
  readonly host: string;
  readonly now: Date;
  /** Certificates of public authorities, which AWS also trusts. */
  readonly publicRoots: readonly X509Certificate[];
  /** Certificates of authorities that only this machine trusts (AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS). */
  readonly privateRoots: readonly X509Certificate[];
}

/**
 * The thumbprint as AWS computes it: the SHA-1 hash of the last certificate that the server sends.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
 */
export function thumbprint(chain: readonly X509Certificate[]): string {
  return (chain.at(-1)?.fingerprint ?? '').replaceAll(':', '').toLowerCase();
}

/** Checks a chain as the server sent it, the server's certificate first. */
export function checkChain(chain: readonly X509Certificate[], expected: Expectation): readonly Check[] {
  const [leaf] = chain;
  if (leaf === undefined) {
    return [
      failed(
        'certificate',
        'certificate',
        'The server sends no certificate.',
        'Configure a certificate on the server.',
      ),
    ];
  }
  const detail = `AWS would compute the thumbprint ${thumbprint(chain)} of "${nameOf(chain.at(-1))}", the last of ${chain.length} certificates.`;
  return [
    checkHost(leaf, expected.host),
    checkDates(chain, expected.now),
    checkDuplicates(chain),
    checkOrder(chain),
    checkRoot(chain),
    checkAuthority(chain, expected),
    passed('thumbprint', 'thumbprint', detail),
  ];
}

function checkHost(leaf: X509Certificate, host: string): Check {
  const [id, title] = ['certificate-host', 'certificate host name'];
  const fits = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
  if (fits !== undefined) return passed(id, title, `The certificate is valid for ${host}.`);
  const names = leaf.subjectAltName ?? 'no host';
  return failed(
    id,
    title,
    `The certificate is valid for ${names}, not for ${host}.`,
    `Get a certificate for ${host}.`,
  );
}

function checkDates(chain: readonly X509Certificate[], now: Date): Check {
  const [id, title] = ['certificate-dates', 'certificate validity'];
  const remedy = 'Renew the certificate, or correct the clock of this machine.';
  const expired = chain.find(({ validTo }) => new Date(validTo) < now);
  if (expired) return failed(id, title, `"${nameOf(expired)}" was valid until ${expired.validTo}.`, remedy);
  const early = chain.find(({ validFrom }) => new Date(validFrom) > now);
  if (early) return failed(id, title, `"${nameOf(early)}" is valid from ${early.validFrom}.`, remedy);
  return passed(id, title, `All certificates are valid; the server's expires on ${chain[0]?.validTo}.`);
}

function checkDuplicates(chain: readonly X509Certificate[]): Check {
  const [id, title] = ['certificate-duplicates', 'duplicate certificates'];
  const prints = chain.map(({ fingerprint256 }) => fingerprint256);
  const twice = chain.find((_, index) => prints.indexOf(prints[index] ?? '') !== index);
  if (twice === undefined) return passed(id, title, 'No certificate is sent twice.');
  return failed(
    id,
    title,
    `"${nameOf(twice)}" is sent twice.`,
    "Remove the duplicate from the server's chain file.",
  );
}

/** Each certificate must be followed by the one that signed it: RFC 5246 section 7.4.2. */
function checkOrder(chain: readonly X509Certificate[]): Check {
  const [id, title] = ['certificate-order', 'certificate order'];
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
    "Reorder the chain file: the server's certificate, then the one that signed it, and so on.",
  );
}

function checkRoot(chain: readonly X509Certificate[]): Check {
  const [id, title] = ['certificate-root', 'root certificate'];
  const root = chain.slice(1).find(isSelfSigned);
  if (root === undefined) return passed(id, title, 'The chain does not include the root certificate.');
  return failed(
    id,
    title,
    `The server also sends the root certificate "${nameOf(root)}".`,
    'Remove the root from the chain file: clients do not need it, and AWS would use it for the thumbprint.',
  );
}

function checkAuthority(chain: readonly X509Certificate[], expected: Expectation): Check {
  const [id, title] = ['certificate-authority', 'certificate authority'];
  const last = lastLink(chain);
  const among = (roots: readonly X509Certificate[]) =>
    roots.find((root) => isIssuedBy(last, root) || root.fingerprint256 === last.fingerprint256);
  const publicRoot = among(expected.publicRoots);
  if (publicRoot) return passed(id, title, `The chain leads to "${nameOf(publicRoot)}".`);
  const add = `AWS trusts it only if the IAM identity provider has the thumbprint ${thumbprint(chain)}.`;
  if (chain.length === 1 && isSelfSigned(last)) {
    return unknown(id, title, 'The certificate is self-signed.', add);
  }
  const privateRoot = among(expected.privateRoots);
  if (privateRoot)
    return unknown(id, title, `The chain leads to "${nameOf(privateRoot)}", a private authority.`, add);
  if (last.ca || isSelfSigned(last)) {
    return unknown(
      id,
      title,
      `The chain leads to "${issuerOf(last)}", which is not a public authority.`,
      add,
    );
  }
  return failed(
    id,
    title,
    `The certificate of "${issuerOf(last)}", which signed "${nameOf(last)}", is missing.`,
    `Add the intermediate certificate to the server's chain file. If the authority is private: ${add}`,
  );
}

/** The end of the chain, in whatever order it was sent. */
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
