import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A proxy that records its requests. */
export interface Proxy {
  readonly url: string;
  readonly asked: string[];
  stop(): void;
}

/**
 * A forward proxy on this machine: CONNECT for https, absolute URLs for http.
 *
 * @param tunnelTo the end of every tunnel, whatever host is requested
 */
export async function startProxy(password?: string, tunnelTo?: URL): Promise<Proxy> {
  const asked: string[] = [];
  const allowed = (header: string | undefined) =>
    password === undefined || header === `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!allowed(request.headers['proxy-authorization'])) {
      response.writeHead(407).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const answer = await fetch(request.url ?? '', {
      method: request.method ?? 'POST',
      headers: { 'content-type': headers['content-type'] ?? '' },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(await answer.text());
  });
  server.on('connect', (request, socket, head) => {
    asked.push(`CONNECT ${request.url}`);
    if (!allowed(request.headers['proxy-authorization'])) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [host = '', port = ''] = (tunnelTo?.host ?? request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const credentials = password === undefined ? '' : `user:${password}@`;
  return {
    url: `http://${credentials}127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () => server.close(),
  };
}
