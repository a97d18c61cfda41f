import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { registryHost } from './registry.ts';

/** A request for a token. */
interface TokenRequest {
  readonly service: 'ecr' | 'ecr-public';
  /** From the signature. */
  readonly region: string;
  readonly accessKeyId: string;
}

/** An endpoint for all of AWS whose ECR issues tokens that have not expired. */
export interface Ecr {
  readonly url: string;
  readonly requests: TokenRequest[];
  /** When its tokens expire. */
  expiration: Date;
  /** The message of a refusal; undefined if tokens are issued. */
  refusal: string | undefined;
  /** The registry that its responses name. */
  host: string;
  stop(): void;
}

/** The token for the public registry. */
export const publicToken = Buffer.from('AWS:public-token').toString('base64');

/** The operations in the header x-amz-target. */
const services = {
  'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken': 'ecr',
  'SpencerFrontendService.GetAuthorizationToken': 'ecr-public',
} as const;

/**
 * Passes requests on to moto. Its tokens for ECR expired in 2015, and it has no public ECR: these two are added.
 *
 * @param motoUrl where moto is
 */
export async function startEcr(motoUrl: string): Promise<Ecr> {
  const requests: TokenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const { method = 'GET', url = '/', headers } = incoming;
    const service = services[String(headers['x-amz-target']) as keyof typeof services];
    const [, accessKeyId = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
    if (service !== undefined) requests.push({ service, region, accessKeyId });
    const expiresAt = ecr.expiration.getTime() / 1000;
    const answer = (status: number, content: object) =>
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(content));
    if (service !== undefined && ecr.refusal !== undefined) {
      answer(400, { __type: 'AccessDeniedException', Message: ecr.refusal });
      return;
    }
    if (service === 'ecr-public') {
      answer(200, { authorizationData: { authorizationToken: publicToken, expiresAt } });
      return;
    }
    const onward = httpRequest(new URL(url, motoUrl), { method, headers }, async (passed) => {
      const content = (await buffer(passed)).toString('latin1');
      const issued = content
        .replace(/1420070400(\.0)?/, String(expiresAt))
        .replace(`https://${registryHost}`, `https://${ecr.host}`);
      const text = service === 'ecr' ? issued : content;
      const { 'content-length': _, ...others } = passed.headers;
      response.writeHead(passed.statusCode ?? 500, others).end(Buffer.from(text, 'latin1'));
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ecr: Ecr = {
    url,
    requests,
    expiration: inHours(12),
    refusal: undefined,
    host: registryHost,
    stop: () => server.close(),
  };
  return ecr;
}

/** A whole second, as ECR's times. */
export function inHours(hours: number): Date {
  return new Date((Math.floor(Date.now() / 1000) + hours * 3600) * 1000);
}
