import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

const base = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
});

/** IAM of one account in moto: credentials of a role decide which account it is. */
export async function iamOf(endpoint: string, account?: string): Promise<IAMClient> {
  if (account === undefined) return new IAMClient(base(endpoint));
  const { Credentials } = await new STSClient(base(endpoint)).send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/any`, RoleSessionName: 'test' }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  const credentials = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
  return new IAMClient({ ...base(endpoint), credentials });
}

/** Creates an organization with this many member accounts, and returns their IDs. */
export async function makeOrganization(endpoint: string, members: number): Promise<readonly string[]> {
  const client = new OrganizationsClient(base(endpoint));
  await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const ids: string[] = [];
  for (let index = 0; index < members; index++) {
    const { CreateAccountStatus } = await client.send(
      new CreateAccountCommand({ AccountName: `member ${index}`, Email: `member${index}@example.com` }),
    );
    ids.push(CreateAccountStatus?.AccountId ?? '');
  }
  return ids;
}

/** A role to create in a test. */
export interface TestRole {
  readonly name: string;
  readonly trustPolicy: unknown;
  readonly inline?: Readonly<Record<string, unknown>>;
  readonly attached?: readonly string[];
}

export async function makeRole(
  iam: IAMClient,
  { name, trustPolicy, inline = {}, attached = [] }: TestRole,
): Promise<void> {
  const RoleName = name;
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trustPolicy) }));
  for (const [PolicyName, document] of Object.entries(inline)) {
    const PolicyDocument = JSON.stringify(document);
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
  for (const PolicyArn of attached) await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

export async function makeProvider(iam: IAMClient, url: string, audiences: readonly string[]): Promise<void> {
  const ThumbprintList = ['cf23df2207d99a74fbe169e3eba035e633b65d94'];
  await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: [...audiences], ThumbprintList }),
  );
}

export async function makePolicy(iam: IAMClient, name: string, document: unknown): Promise<string> {
  const command = new CreatePolicyCommand({ PolicyName: name, PolicyDocument: JSON.stringify(document) });
  return (await iam.send(command)).Policy?.Arn ?? '';
}

/** The keys of a new user of moto's default account with this policy, as variables. */
export async function userWith(iam: IAMClient, policy: unknown): Promise<Readonly<Record<string, string>>> {
  const UserName = 'someone';
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify(policy);
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'test', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return {
    AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey ?? '',
  };
}

/** A trust policy for any project on gitlab.com. */
export const openTrustPolicy = (account: string) =>
  trustPolicy(account, { StringLike: { 'gitlab.com:sub': 'project_path:*' } });

/** A trust policy for one branch, without findings. */
export const exactTrustPolicy = (account: string) =>
  trustPolicy(account, {
    StringEquals: {
      'gitlab.com:sub': 'project_path:acme/shop:ref_type:branch:ref:main',
      'gitlab.com:project_id': '20',
      'gitlab.com:namespace_id': '72',
      'gitlab.com:ref_protected': 'true',
    },
  });

function trustPolicy(account: string, condition: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const aud = { 'gitlab.com:aud': 'https://gitlab.com' };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/gitlab.com` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { ...condition, StringEquals: { ...aud, ...condition.StringEquals } },
      },
    ],
  };
}
