/** What a role may do at worst, from least to most. A larger set of permissions never has a lower level. */
export const accessLevels = [
  'none',
  'read-only',
  'limited',
  /** Every action of a service, on all resources: `s3:*`. */
  'full-service',
  /** Changes IAM, but grants no permissions to every role or user. */
  'iam-write',
  /** Can get the permissions of other roles or users, for example by `iam:PassRole` on `*`. */
  'privilege-escalation',
  'administrator',
] as const;

export type AccessLevel = (typeof accessLevels)[number];

export function isHigher(a: AccessLevel, b: AccessLevel): boolean {
  return accessLevels.indexOf(a) > accessLevels.indexOf(b);
}

export function lower(a: AccessLevel, b: AccessLevel): AccessLevel {
  return isHigher(a, b) ? b : a;
}
