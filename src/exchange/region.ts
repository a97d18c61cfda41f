import { RuleError } from '../errors.ts';

/** The region of each partition to use if no region is set. */
const defaultRegions: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-eusc': 'eusc-de-east-1',
  'aws-iso': 'us-iso-east-1',
  'aws-iso-b': 'us-isob-east-1',
  'aws-iso-e': 'eu-isoe-west-1',
  'aws-iso-f': 'us-isof-south-1',
};

const partitionOfPrefix: readonly (readonly [string, string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
];

/** The partition of a region, from the region's name: `cn-north-1` → `aws-cn`. */
export function partitionOfRegion(region: string): string {
  return partitionOfPrefix.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/**
 * @param region the name of a region, or undefined for the partition's default
 * @param partition the partition of the role
 * @throws {RuleError} if the name is not that of a region, the region is in another partition, or the
 *   partition has no default
 */
export function resolveRegion(region: string | undefined, partition: string): string {
  const fallback = defaultRegions[partition];
  if (region === undefined) {
    if (fallback === undefined) throw new RuleError(`must be set for the partition "${partition}"`);
    return fallback;
  }
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) {
    throw new RuleError(
      'must be the name of an AWS region',
      'For example eu-central-1. An Availability Zone such as eu-central-1a is not a region.',
    );
  }
  if (partitionOfRegion(region) !== partition && fallback !== undefined) {
    throw new RuleError(
      `must be in the role's partition "${partition}", not in "${partitionOfRegion(region)}"`,
      `Set the input "region", for example to ${fallback}. A CI/CD variable may have set this one.`,
    );
  }
  return region;
}
