import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { RuleError } from '../../errors.ts';
import { type DecodedToken, decodeIdToken } from '../../exchange/id-token.ts';
import { checkChain } from '../../issuer/certificate-chain.ts';
import { type Check, failed, passed, unknown } from '../../issuer/check.ts';
import { checkDiscovery, type Get } from '../../issuer/discovery.ts';
import { httpGet } from '../../issuer/http-get.ts';
import { checkKeys } from '../../issuer/keys.ts';
import { servedChain } from '../../issuer/served-chain.ts';
import { createAgents } from '../../network/transport.ts';
import type { Io } from '../../system/io.ts';
import { readBundle, type SessionFlags, tokenFrom } from '../input/session-input.ts';

const maxClockDifferenceSeconds = 60;

/** Checks the issuer's documents, keys, clock and certificate chain. */
export async function checkIssuer(io: Io, flags: SessionFlags): Promise<readonly Check[]> {
  const text = (await tokenFrom(io, flags)).text ?? '';
  const token = decoded(text);
  const issuer = token?.claims.iss;
  if (token === undefined || issuer === undefined) {
    return [
      unknown('discovery', 'discovery document', 'Not checked: without a token, the issuer is unknown.'),
    ];
  }
  const bundle = await readBundle(io);
  const get: Get = async (url) => httpGet(url, await createAgents(url, bundle));
  const discovery = await checkDiscovery(issuer, get);
  const { keysUrl, date } = discovery;
  return [
    ...discovery.checks,
    ...(keysUrl ? await checkKeys(text, token.header, keysUrl, get) : []),
    ...(date ? [checkServerClock(date, io.now())] : []),
    ...(await checkCertificates(issuer, `${bundle ?? ''}\n${await extraCertificates(io)}`, io.now())),
  ];
}

function decoded(text: string): DecodedToken | undefined {
  try {
    return decodeIdToken(text);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return undefined;
  }
}

function checkServerClock(theirs: Date, ours: Date): Check {
  const [id, title] = ['server-clock', "the issuer's clock"];
  const seconds = Math.round(Math.abs(theirs.getTime() - ours.getTime()) / 1000);
  const detail = `It differs from this machine's clock by ${seconds} seconds.`;
  if (seconds <= maxClockDifferenceSeconds) return passed(id, title, detail);
  return failed(id, title, detail, 'Synchronize both with NTP: AWS checks the token against its own clock.');
}

async function checkCertificates(issuer: string, trustedHere: string, now: Date): Promise<readonly Check[]> {
  const [id, title] = ['certificate', 'certificate chain'];
  // the discovery check reports this
  if (!URL.canParse(issuer)) return [];
  const { protocol, hostname, port } = new URL(issuer);
  if (protocol !== 'https:') return [];
  const host = hostname.replace(/^\[|\]$/g, '');
  try {
    const chain = await servedChain(host, Number(port || 443));
    const publicRoots = parseAll(rootCertificates);
    const privateRoots = parseAll(pemBlocks(trustedHere));
    return checkChain(chain, { host, now, publicRoots, privateRoots });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = `It cannot be read over a direct TLS 1.2 connection to ${host}: ${message} (${code}).`;
    return [
      unknown(
        id,
        title,
        why,
        `Check it from another machine: openssl s_client -showcerts -connect ${host}:${port || 443}`,
      ),
    ];
  }
}

/** The certificates that Node trusts in addition to the public authorities. */
async function extraCertificates(io: Io): Promise<string> {
  const path = io.env.NODE_EXTRA_CA_CERTS;
  return path ? await io.readText(path).catch(() => '') : '';
}

function pemBlocks(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

function parseAll(pems: readonly string[]): readonly X509Certificate[] {
  return pems.flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      // skip what this Node version cannot read
      return [];
    }
  });
}
