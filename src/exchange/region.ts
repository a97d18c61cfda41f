import { RuleError } from '../errors.ts';

/** Where sessions of a partition are asked for when nobody names a region. */
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

/** The partition that a region belongs to, by its name: `cn-north-1` → `aws-cn`. */
export function partitionOfRegion(region: string): string {
  return partitionOfPrefix.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/**
 * @param region a region's name, or undefined for the partition's default
 * @param partition the partition of the role
 * @throws {RuleError} when the name is no region's, lies in another partition, or there is no default
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
