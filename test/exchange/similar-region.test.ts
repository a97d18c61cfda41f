import { describe, expect, it } from 'vitest';
import { knownRegions } from '../../src/exchange/known-regions.ts';
import { similarRegion } from '../../src/exchange/similar-region.ts';

describe('similarRegion', () => {
  it.each([
    ['eu-centrl-1', 'eu-central-1'],
    ['eu-cetnral-1', 'eu-central-1'],
    ['eu-centrall-1', 'eu-central-1'],
    ['us-east-9', 'us-east-1'],
    ['ap-souteast-2', 'ap-southeast-2'],
    ['us-gov-wst-1', 'us-gov-west-1'],
  ])('of %s is %s', (region, similar) => {
    expect(similarRegion(region)).toBe(similar);
  });

  it.each(knownRegions.split(' '))('is none for %s, which exists', (region) => {
    expect(similarRegion(region)).toBeUndefined();
  });

  it.each(['moon-north-1', 'aq-antarctica-1', 'us-northcentral-1'])(
    'is none for %s, which may be new',
    (region) => {
      expect(similarRegion(region)).toBeUndefined();
    },
  );
});
