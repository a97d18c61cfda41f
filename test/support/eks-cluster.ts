import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import aws4 from 'aws4';
import { makeCertificate } from '../../sandbox/certificate.ts';
import type { KeyStore } from '../../sandbox/key-store.ts';

/** The Kubernetes API of a cluster that accepts the tokens of EKS. */
export interface EksCluster {
  readonly url: string;
  /** Its CA certificate (PEM). */
  readonly ca: string;
  readonly requests: readonly string[];
  stop(): void;
}

/** Starts it; `keys` are the credentials that STS knows. */
export async function startEksCluster(name: string, keys: KeyStore): Promise<EksCluster> {
  const { cert, key } = await makeCertificate();
  const requests: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    const username = callerOf(request, name, keys);
    requests.push(`${username ?? 'nobody'}: ${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json');
    if (username === undefined) return response.writeHead(401).end('{"kind":"Status","code":401}');
    const review = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' };
    response.writeHead(request.method === 'POST' ? 201 : 200);
    return response.end(JSON.stringify({ ...review, status: { userInfo: { username } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, ca: cert, requests, stop: () => server.close() };
}

/** The session that signed the token, if it is for this cluster; the signature is by aws4, not by the SDK. */
function callerOf({ headers }: IncomingMessage, cluster: string, keys: KeyStore): string | undefined {
  const token = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  const { hostname, searchParams } = new URL(Buffer.from(token, 'base64url').toString());
  const value = (key: string) => searchParams.get(`X-Amz-${key}`) ?? '';
  const [keyId = '', , region = ''] = value('Credential').split('/');
  const path = `/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60&X-Amz-Date=${value('Date')}`;
  const key = keys.find(keyId, value('Security-Token'));
  const signed = aws4.sign(
    { service: 'sts', region, host: hostname, path, signQuery: true, headers: { 'x-k8s-aws-id': cluster } },
    { ...key },
  );
  const expected = new URL(`https://${hostname}${signed.path}`).searchParams.get('X-Amz-Signature');
  const isSts = /^sts\.[a-z0-9-]+\.amazonaws\.com$/.test(hostname);
  return isSts && expected === value('Signature') ? key.assumedRoleArn : undefined;
}
