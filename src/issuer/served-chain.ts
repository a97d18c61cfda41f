import type { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { answerLimitMs, maxBytes, networkError, noAnswer } from './http-get.ts';
import { certificatesIn } from './tls-handshake.ts';

/**
 * Fetches the certificates that a server sends, in its own order and with duplicates. Node's API reorders the
 * chain and omits certificates that it does not need, so this reads the bytes of a TLS 1.2 handshake.
 *
 * @throws the network's error, with its `code`; also if the server does not support TLS 1.2
 */
export function servedChain(host: string, port: number): Promise<readonly X509Certificate[]> {
  const received: Buffer[] = [];
  const socket = connectTcp(port, host);
  const tap = streamOver(socket);
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(noAnswer()), answerLimitMs);
    let bytes = 0;
    socket.on('data', (chunk) => {
      received.push(chunk);
      tap.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) fail(networkError('EMSGSIZE', 'the handshake is too long'));
    });
    socket.on('error', fail);
    const tls = connectTls({
      socket: tap,
      ...(isIP(host) === 0 && { servername: host }),
      maxVersion: 'TLSv1.2',
      // the chain is inspected even if it is not trusted; no data is sent
      rejectUnauthorized: false,
    });
    tls.on('error', fail);
    tls.on('close', () => clearTimeout(timer));
    tls.on('secureConnect', () => {
      clearTimeout(timer);
      tls.destroy();
      socket.destroy();
      resolve(certificatesIn(Buffer.concat(received)));
    });
  });
}

/** A stream for TLS that writes to the socket; its reader pushes the socket's data into it. */
function streamOver(socket: Socket): Duplex {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _, done) => socket.write(chunk, done),
    final: (done) => socket.end(done),
  });
  socket.on('end', () => stream.push(null));
  return stream;
}
