import { RuleError } from '../errors.ts';
import { parseList } from '../validation/values.ts';

/** A role and the profile for its credentials. */
export interface RolePair {
  readonly profile: string;
  readonly roleArn: string;
}

/**
 * Reads `["staging=arn:…", "production=arn:…"]`. The ARNs are checked later, with all other inputs.
 *
 * @throws {RuleError} if an item is not a pair, or a profile is listed twice
 */
export function parseRolePairs(text: string): readonly RolePair[] {
  const pairs = parseList(text).map((item) => {
    const match = /^([\w.-]+)=(.*)/s.exec(item);
    if (match === null) {
      throw new RuleError(
        'must be pairs of a profile and a role',
        'For example ["staging=arn:aws:iam::111111111111:role/x"].',
      );
    }
    const [profile, roleArn] = match.slice(1) as [string, string];
    return { profile, roleArn };
  });
  const profiles = pairs.map(({ profile }) => profile);
  const twice = profiles.find((profile, index) => profiles.indexOf(profile) !== index);
  if (twice !== undefined) throw new RuleError(`must list each profile once; "${twice}" is listed twice`);
  return pairs;
}
