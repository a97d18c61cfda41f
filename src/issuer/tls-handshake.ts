import { X509Certificate } from 'node:crypto';

const contentTypeHandshake = 22;
const messageTypeCertificate = 11;

/**
 * Reads the certificates from the server's side of a TLS 1.2 handshake, in the order they were sent; the
 * message with the certificates is not encrypted: RFC 5246 section 7.4.2.
 *
 * @param records the bytes that the server sent
 */
export function certificatesIn(records: Buffer): readonly X509Certificate[] {
  const handshake = handshakeOf(records);
  for (let at = 0; at + 4 <= handshake.length; ) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3);
    if (handshake[at] === messageTypeCertificate) return parseList(handshake.subarray(at + 7, end));
    at = end;
  }
  return [];
}

/** The handshake messages of TLS records, up to the first encrypted record. */
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

function parseList(list: Buffer): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (let at = 0; at + 3 <= list.length; ) {
    const end = at + 3 + list.readUIntBE(at, 3);
    certificates.push(new X509Certificate(list.subarray(at + 3, end)));
    at = end;
  }
  return certificates;
}
