/** When a request has a condition key of AWS, such as `aws:SourceIp` or `sts:RoleSessionName`. */
export type Presence =
  /** In every AssumeRoleWithWebIdentity request, with a value that only AWS knows. */
  | 'always'
  /** Depends on the network path to STS, or on the parameters of the request. */
  | 'sometimes'
  /** Never: it describes a principal, and a web identity is not a principal before it assumes the role. */
  | 'never'
  /** Unknown. */
  | undefined;

const always = [
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:SecureTransport',
  'aws:UserAgent',
  'aws:RequestedRegion',
];

const sometimes = [
  // not through a VPC endpoint
  'aws:SourceIp',
  'aws:VpcSourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:Referer',
  'sts:RoleSessionName',
  'sts:DurationSeconds',
];

/** Keys with a custom name after a slash. */
const sometimesFamilies = ['sts:RequestContext/', 'aws:ResourceTag/', 'iam:ResourceTag/'];

const never = [
  'sts:ExternalId',
  // GitLab's tokens do not have the claims for these
  'sts:SourceIdentity',
  'sts:TransitiveTagKeys',
  'aws:TagKeys',
  'aws:PrincipalArn',
  'aws:PrincipalAccount',
  'aws:PrincipalOrgID',
  'aws:PrincipalOrgPaths',
  'aws:PrincipalType',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalServiceName',
  'aws:PrincipalServiceNamesList',
  'aws:userid',
  'aws:username',
  'aws:MultiFactorAuthPresent',
  'aws:MultiFactorAuthAge',
  'aws:TokenIssueTime',
  'aws:SourceArn',
  'aws:SourceAccount',
  'aws:SourceOrgID',
  'aws:SourceOrgPaths',
  'aws:SourceIdentity',
  'aws:FederatedProvider',
  'aws:CalledVia',
  'aws:CalledViaFirst',
  'aws:CalledViaLast',
];

const neverFamilies = ['aws:PrincipalTag/', 'aws:RequestTag/'];

/**
 * Says when AssumeRoleWithWebIdentity requests have this key. Key names are not case-sensitive.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
 */
export function presenceOf(key: string): Presence {
  const among = (names: readonly string[], families: readonly string[] = []) => {
    const lower = key.toLowerCase();
    return (
      names.some((name) => name.toLowerCase() === lower) ||
      families.some((family) => lower.startsWith(family.toLowerCase()))
    );
  };
  if (among(always)) return 'always';
  if (among(sometimes, sometimesFamilies)) return 'sometimes';
  return among(never, neverFamilies) ? 'never' : undefined;
}

/** Is it a key of AWS, and not a claim of an issuer? */
export function isRequestKey(key: string): boolean {
  return /^(aws|sts|iam):/i.test(key);
}

/** Splits a condition key: issuer names may contain colons (a port), claim names do not. */
export function splitConditionKey(key: string): { readonly prefix: string; readonly claim: string } {
  const colon = key.lastIndexOf(':');
  return { prefix: key.slice(0, Math.max(colon, 0)), claim: key.slice(colon + 1).toLowerCase() };
}
