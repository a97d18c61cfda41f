import { describe, expect, it } from 'vitest';
import { parseRegistry } from '../../src/registry/registry.ts';

const account = '111111111111';

describe('the host of a registry', () => {
  it.each([
    [`${account}.dkr.ecr.eu-central-1.amazonaws.com`, 'eu-central-1'],
    [`${account}.dkr.ecr-fips.us-east-1.amazonaws.com`, 'us-east-1'],
    [`${account}.dkr-ecr.eu-west-1.on.aws`, 'eu-west-1'],
    [`${account}.dkr-ecr-fips.us-west-2.on.aws`, 'us-west-2'],
    [`${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`, 'cn-north-1'],
    [`${account}.dkr.ecr.us-gov-west-1.amazonaws.com`, 'us-gov-west-1'],
    [`${account}.dkr.ecr.eusc-de-east-1.amazonaws.eu`, 'eusc-de-east-1'],
  ])('%s is a private registry in %s', (host, region) => {
    expect(parseRegistry(host)).toEqual({ host, region, isPublic: false });
  });

  it.each(['public.ecr.aws', 'ecr-public.aws.com'])(
    '%s is public; its tokens come from us-east-1',
    (host) => {
      expect(parseRegistry(host)).toEqual({ host, region: 'us-east-1', isPublic: true });
    },
  );

  it.each([
    ['', /^For example/],
    ['docker.io', /^For example/],
    ['DEFAULT', /^For example/],
    [`${account}.dkr.ecr.eu-central-1.amazonaws.com.evil.example`, /^For example/],
    [`${account}.dkr.ecr.eu-central-1.evil.example`, /^For example/],
    [`${account}.dkr.ecr.eu-central-1.amazonawsxcom`, /^For example/],
    [`x${account}.dkr.ecr.eu-central-1.amazonaws.com`, /^For example/],
    [`${account}.dkr.ecr.eu-central-1.amazonaws.com\nevil.example`, /^For example/],
    [`https://${account}.dkr.ecr.eu-central-1.amazonaws.com`, /^Leave out/],
    [`${account}.dkr.ecr.eu-central-1.amazonaws.com/shop/app:1`, /^Leave out/],
    ['public.ecr.aws/nginx/nginx', /^Leave out/],
  ])('%j is refused', (text, hint) => {
    expect(() => parseRegistry(text)).toThrow(
      expect.objectContaining({
        message: 'must be the host of an Amazon ECR registry',
        hint: expect.stringMatching(hint),
      }),
    );
  });
});
