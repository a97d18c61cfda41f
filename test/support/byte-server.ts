import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A TCP server on this machine. */
export interface ByteServer {
  readonly port: number;
  /** Also closes its connections. */
  stop(): void;
}

/**
 * Listens; the test handles the connections.
 *
 * @param tls for a TLS server
 */
export async function listen(
  onSocket: (socket: Socket) => void,
  { host = '127.0.0.1', tls }: { host?: string; tls?: { readonly cert: string; readonly key: string } } = {},
): Promise<ByteServer> {
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  };
  const server = tls ? createTlsServer(tls, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
