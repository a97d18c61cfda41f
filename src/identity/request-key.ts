/** When a request has a global condition key, or one of STS: `sts:RoleSessionName`. */
export type Presence =
  /** In each AssumeRoleWithWebIdentity, with a value that AWS alone knows. */
  | 'always'
  /** Depends on the way to STS, or on what the caller asks for. */
  | 'sometimes'
  /** Never: it tells of a principal, and a web identity is none before the role is assumed. */
  | 'never'
  /** Not known here. */
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

/** Keys with a name of somebody's own behind a slash. */
const sometimesFamilies = ['sts:RequestContext/', 'aws:ResourceTag/', 'iam:ResourceTag/'];

const never = [
  'sts:ExternalId',
  // GitLab's tokens bring none: these would be claims of their own
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
 * Does AssumeRoleWithWebIdentity have this key? Names are compared without regard to case.
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

/** Is it a key of AWS's own, rather than a claim of an issuer? */
export function isRequestKey(key: string): boolean {
  return /^(aws|sts|iam):/i.test(key);
}
