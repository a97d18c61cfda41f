import { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { answerLimitMs, maxBytes } from './http-get.ts';

/**
 * The certificates that a server sends, in its own order, duplicates and all. Node's API puts the chain in
 * order and leaves out what it does not need, so this reads the handshake itself: under TLS 1.2 the server's
 * message with the certificates is not encrypted (RFC 5246 section 7.4.2).
 *
 * @throws the network's error, with its `code`; a server without TLS 1.2 gives one, too
 */
export function servedChain(host: string, port: number): Promise<readonly X509Certificate[]> {
  const received: Buffer[] = [];
  const socket = connectTcp(port, host);
  const tap = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _, done) => socket.write(chunk, done),
    final: (done) => socket.end(done),
  });
  socket.on('end', () => tap.push(null));
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const late = () => fail(Object.assign(new Error('no answer within 5 seconds'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(late, answerLimitMs);
    const tls = connectTls({
      socket: tap,
      ...(isIP(host) === 0 && { servername: host }),
      maxVersion: 'TLSv1.2',
      // to look at a chain that cannot be trusted is the purpose; nothing is sent
      rejectUnauthorized: false,
    });
    let bytes = 0;
    socket.on('data', (chunk) => {
      received.push(chunk);
      tap.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) fail(Object.assign(new Error('the handshake is too long'), { code: 'EMSGSIZE' }));
    });
    socket.on('error', fail);
    tls.on('error', fail);
    tls.on('close', () => clearTimeout(timer));
    tls.on('secureConnect', () => {
      clearTimeout(timer);
      tls.destroy();
      socket.destroy();
      resolve(certificatesOf(handshakeOf(Buffer.concat(received))));
    });
  });
}

const contentTypeHandshake = 22;
const messageTypeCertificate = 11;

/** The handshake messages of TLS records, up to where encryption begins. */
function handshakeOf(records: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 5 <= records.length && records[at] === contentTypeHandshake) {
    const end = at + 5 + records.readUInt16BE(at + 3);
    parts.push(records.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function certificatesOf(handshake: Buffer): readonly X509Certificate[] {
  for (let at = 0; at + 4 <= handshake.length; ) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3);
    if (handshake[at] === messageTypeCertificate) return parseList(handshake.subarray(at + 7, end));
    at = end;
  }
  return [];
}

function parseList(list: Buffer): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (let at = 0; at + 3 <= list.length; ) {
    const end = at + 3 + list.readUIntBE(at, 3);
    certificates.push(new X509Certificate(list.subarray(at + 3, end)));
    at = end;
  }
  return certificates;
}
