import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, both in PEM, created with openssl. */
export interface Made {
  readonly cert: string;
  readonly key: string;
}

export interface MakeOptions {
  readonly name: string;
  /** The issuer; without it, the certificate is self-signed. */
  readonly issuer?: Made;
  /** Whether it can sign other certificates. */
  readonly ca?: boolean;
  /** Alternative names of the server in openssl's notation: `DNS:localhost`. */
  readonly hosts?: string;
  /** In openssl's notation: `20200101000000Z`. */
  readonly from?: string;
  readonly until?: string;
}

const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-certificates-'));
let count = 0;

/** https://docs.openssl.org/3.0/man1/openssl-x509/ */
export function makeCertificate({ name, issuer, ca = false, hosts, from, until }: MakeOptions): Made {
  const path = (suffix: string) => join(directory, `${count}.${suffix}`);
  count++;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: directory });
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path('key'));
  openssl('req', '-new', '-key', path('key'), '-subj', `/CN=${name}`, '-out', path('csr'));
  const extensions = [`basicConstraints=critical,CA:${ca ? 'TRUE' : 'FALSE'}`];
  if (hosts !== undefined) extensions.push(`subjectAltName=${hosts}`);
  writeFileSync(path('ext'), extensions.join('\n'));
  if (issuer !== undefined) {
    writeFileSync(path('issuer.cert'), issuer.cert);
    writeFileSync(path('issuer.key'), issuer.key);
  }
  const signer =
    issuer === undefined
      ? ['-selfsign', '-keyfile', path('key')]
      : ['-cert', path('issuer.cert'), '-keyfile', path('issuer.key')];
  // in older versions of openssl, only "openssl ca" accepts dates
  writeFileSync(path('index'), '');
  writeFileSync(
    path('cnf'),
    `[ca]\ndefault_ca=x\n[x]\ndatabase=${path('index')}\nnew_certs_dir=${directory}\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
  );
  openssl(
    'ca',
    '-batch',
    '-config',
    path('cnf'),
    '-in',
    path('csr'),
    '-out',
    path('cert'),
    '-notext',
    '-extfile',
    path('ext'),
    '-startdate',
    from ?? '20200101000000Z',
    '-enddate',
    until ?? '20490101000000Z',
    ...signer,
  );
  return { cert: readFileSync(path('cert'), 'utf8'), key: readFileSync(path('key'), 'utf8') };
}

export function parsed({ cert }: Made): X509Certificate {
  return new X509Certificate(cert);
}

/** A TLS server on this machine that sends these certificates, in this order. */
export async function serveChain(
  server: Made,
  others: readonly Made[],
  options: { readonly minVersion?: 'TLSv1.3'; readonly answer?: (path: string) => string } = {},
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { answer = () => '', ...tls } = options;
  const cert = [server, ...others].map((one) => one.cert).join('');
  const listening = createServer({ cert, key: server.key, ...tls }, (request, response) => {
    const body = answer(request.url ?? '');
    response.writeHead(body === '' ? 404 : 200, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return {
    port: (listening.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        listening.close(() => resolve());
        listening.closeAllConnections();
      }),
  };
}
