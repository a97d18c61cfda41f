import aws4 from 'aws4';
import { describe, expect, it } from 'vitest';
import { connectWith } from '../../src/aws-api/connection.ts';
import { eksToken } from '../../src/aws-api/eks-token.ts';

const credentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2Vj/+==',
};
const now = new Date('2026-03-01T12:00:00Z');

async function urlOf(region: string, cluster = 'shop'): Promise<URL> {
  const connection = connectWith(region, undefined, () => async () => credentials);
  const { token } = await eksToken(connection, cluster, now);
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
}

/** The URL by aws4, which shares no code with the SDK. */
function urlByAws4(region: string, hostname: string, cluster: string): URL {
  const path = '/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60&X-Amz-Date=20260301T120000Z';
  const request = { service: 'sts', region, host: hostname, path, method: 'GET', signQuery: true };
  const signed = aws4.sign({ ...request, headers: { 'x-k8s-aws-id': cluster } }, credentials);
  return new URL(`https://${hostname}${signed.path}`);
}

const sorted = (url: URL) => [...url.searchParams].sort();

describe('a token for EKS', () => {
  it.each([
    ['eu-central-1', 'sts.eu-central-1.amazonaws.com'],
    ['us-east-1', 'sts.us-east-1.amazonaws.com'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
  ])('in %s is a URL of %s with the signature that another signer makes', async (region, hostname) => {
    const url = await urlOf(region);
    expect({ host: url.host, path: url.pathname, protocol: url.protocol }).toEqual({
      host: hostname,
      path: '/',
      protocol: 'https:',
    });
    expect(sorted(url)).toEqual(sorted(urlByAws4(region, hostname, 'shop')));
  });

  it('is signed for one cluster, and expires', async () => {
    const url = await urlOf('eu-central-1', 'shop_2');
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host;x-k8s-aws-id');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('60');
    const other = await urlOf('eu-central-1', 'shop_3');
    expect(other.searchParams.get('X-Amz-Signature')).not.toBe(url.searchParams.get('X-Amz-Signature'));
  });

  it('is replaced before the 15 minutes that the cluster accepts it', async () => {
    const connection = connectWith('eu-central-1', undefined, () => async () => credentials);
    const { expiration } = await eksToken(connection, 'shop', now);
    expect(expiration.toISOString()).toBe('2026-03-01T12:14:00.000Z');
  });

  it('is replaced when the session expires, if that is earlier', async () => {
    const session = { ...credentials, expiration: new Date('2026-03-01T12:07:30Z') };
    const connection = connectWith('eu-central-1', undefined, () => async () => session);
    expect((await eksToken(connection, 'shop', now)).expiration).toEqual(session.expiration);
  });
});
