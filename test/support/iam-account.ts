/** Parts of the output of `aws iam get-account-authorization-details`. */
type Json = Record<string, unknown>;

export const account = '111111111111';

export const providerArn = (host: string, owner = account) => `arn:aws:iam::${owner}:oidc-provider/${host}`;

/** A trust policy of one statement. */
export function trustPolicy(condition: unknown, host = 'gitlab.com', over: Json = {}): Json {
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: providerArn(host) },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: condition,
    ...over,
  };
  return { Version: '2012-10-17', Statement: [statement] };
}

/** An item of RoleDetailList. */
export function roleDetail(name: string, document: unknown, over: Json = {}, owner = account): Json {
  return {
    Path: '/',
    RoleName: name,
    RoleId: 'AROAEXAMPLE',
    Arn: `arn:aws:iam::${owner}:role/${name}`,
    CreateDate: '2024-01-01T00:00:00+00:00',
    AssumeRolePolicyDocument: document,
    InstanceProfileList: [],
    RolePolicyList: [],
    AttachedManagedPolicies: [],
    Tags: [],
    RoleLastUsed: {},
    ...over,
  };
}

/** An item of Policies, with an older version that does not count. */
export function managedPolicy(name: string, document: unknown, owner = account): Json {
  return {
    PolicyName: name,
    Arn: `arn:aws:iam::${owner}:policy/${name}`,
    DefaultVersionId: 'v2',
    PolicyVersionList: [
      { Document: { Version: '2012-10-17', Statement: [] }, VersionId: 'v1', IsDefaultVersion: false },
      { Document: document, VersionId: 'v2', IsDefaultVersion: true },
    ],
  };
}

/** An identity policy of one statement for all resources. */
export function allowing(...actions: readonly string[]): Json {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

export function attached(name: string, owner = 'aws'): Json {
  return { PolicyName: name, PolicyArn: `arn:aws:iam::${owner}:policy/${name}` };
}
