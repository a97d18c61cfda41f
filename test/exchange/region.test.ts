import { describe, expect, it } from 'vitest';
import { partitionOfRegion, resolveRegion } from '../../src/exchange/region.ts';

describe('resolveRegion', () => {
  it.each([
    ['aws', 'us-east-1'],
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
    ['aws-eusc', 'eusc-de-east-1'],
    ['aws-iso', 'us-iso-east-1'],
    ['aws-iso-b', 'us-isob-east-1'],
    ['aws-iso-e', 'eu-isoe-west-1'],
    ['aws-iso-f', 'us-isof-south-1'],
  ])('uses the default of the partition %s', (partition, region) => {
    expect(resolveRegion(undefined, partition)).toBe(region);
    expect(resolveRegion(region, partition)).toBe(region);
    expect(partitionOfRegion(region)).toBe(partition);
  });

  it('requires a region in an unknown partition', () => {
    expect(() => resolveRegion(undefined, 'aws-moon')).toThrow('must be set for the partition "aws-moon"');
    expect(resolveRegion('moon-north-1', 'aws-moon')).toBe('moon-north-1');
  });

  it.each([
    ['eu-central-1a'],
    ['1-eu-central-1'],
    ['eu-central-100'],
    ['Frankfurt'],
    ['eu_central_1'],
    ['eu-central'],
    ['EU-CENTRAL-1'],
    ['x.example.com/-1'],
  ])('refuses "%s", which is not the name of a region', (region) => {
    expect(() => resolveRegion(region, 'aws')).toThrow(
      expect.objectContaining({
        message: 'must be the name of an AWS region',
        hint: 'For example eu-central-1. An Availability Zone such as eu-central-1a is not a region.',
      }),
    );
  });

  it('accepts a region whose number has two digits', () => {
    expect(resolveRegion('eu-central-10', 'aws')).toBe('eu-central-10');
  });

  it('refuses a region of another partition, and suggests one', () => {
    expect(() => resolveRegion('eu-central-1', 'aws-cn')).toThrow(
      expect.objectContaining({
        message: 'must be in the role\'s partition "aws-cn", not in "aws"',
        hint: expect.stringContaining('cn-north-1'),
      }),
    );
  });
});
