import {
  AddClientIDToOpenIDConnectProviderCommand,
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
  type Tag,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  waitUntilRoleExists,
} from '@aws-sdk/client-iam';
import { AwsOidcError } from '../errors.ts';
import { awsFailure, isDenied, isDuplicate, isMissing } from './aws-failure.ts';
import type { AwsConnection } from './connection.ts';

export type Tags = Readonly<Record<string, string>>;

/** A role as IAM has it. */
export interface Role {
  readonly arn: string;
  /** The trust policy, as plain values. */
  readonly trustPolicy: unknown;
  readonly maxSessionSeconds: number;
  readonly tags: Tags;
  readonly permissionsBoundary: string | undefined;
}

/** A role to create. */
export interface NewRole extends Omit<Role, 'arn'> {
  readonly name: string;
  readonly description: string;
}

/**
 * The identity providers and roles of one account. Every method throws an `AwsOidcError` that names the action. Methods
 * that create something do nothing if it exists already.
 */
export interface Iam {
  /** The audiences of an identity provider; undefined if it does not exist. */
  audiencesOf(providerArn: string): Promise<readonly string[] | undefined>;
  createProvider(url: string, audience: string, tags: Tags): Promise<void>;
  addAudience(providerArn: string, audience: string): Promise<void>;
  /** Undefined if it does not exist. */
  role(name: string): Promise<Role | undefined>;
  createRole(role: NewRole): Promise<void>;
  updateTrustPolicy(role: string, policy: unknown): Promise<void>;
  updateMaxSession(role: string, seconds: number): Promise<void>;
  /** Does a managed policy exist? Undefined if the caller may not know. */
  policyExists(policyArn: string): Promise<boolean | undefined>;
  attachedPolicies(role: string): Promise<readonly string[]>;
  attachPolicy(role: string, policyArn: string): Promise<void>;
  /** An inline policy as plain values; undefined if it does not exist. */
  inlinePolicy(role: string, name: string): Promise<unknown>;
  putInlinePolicy(role: string, name: string, policy: unknown): Promise<void>;
}

/** IAM through the AWS SDK: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
export function createIam(connection: AwsConnection): Iam {
  const client = new IAMClient(connection);
  return {
    ...providerCalls(client),
    ...roleCalls(client),
    ...policyCalls(client),
  };
}

function providerCalls(client: IAMClient) {
  return {
    async audiencesOf(arn: string) {
      const command = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      const found = await ifExists('iam:GetOpenIDConnectProvider', () => client.send(command));
      return found && (found.ClientIDList ?? []);
    },
    async createProvider(url: string, audience: string, tags: Tags) {
      const command = new CreateOpenIDConnectProviderCommand({
        Url: url,
        ClientIDList: [audience],
        Tags: tagList(tags),
      });
      await unlessExists('iam:CreateOpenIDConnectProvider', () => client.send(command));
    },
    async addAudience(arn: string, audience: string) {
      const command = new AddClientIDToOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: arn,
        ClientID: audience,
      });
      await call('iam:AddClientIDToOpenIDConnectProvider', () => client.send(command));
    },
  };
}

function roleCalls(client: IAMClient) {
  return {
    async role(name: string): Promise<Role | undefined> {
      const found = await ifExists('iam:GetRole', () => client.send(new GetRoleCommand({ RoleName: name })));
      if (found === undefined) return undefined;
      const { Arn = '', AssumeRolePolicyDocument, MaxSessionDuration, Tags = [] } = found.Role ?? {};
      const boundary = found.Role?.PermissionsBoundary?.PermissionsBoundaryArn;
      return {
        arn: Arn,
        trustPolicy: document('iam:GetRole', AssumeRolePolicyDocument),
        maxSessionSeconds: MaxSessionDuration || 3600,
        tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
        permissionsBoundary: boundary,
      };
    },
    async createRole({
      name,
      description,
      trustPolicy,
      maxSessionSeconds,
      tags,
      permissionsBoundary,
    }: NewRole) {
      const command = new CreateRoleCommand({
        RoleName: name,
        Description: description,
        AssumeRolePolicyDocument: JSON.stringify(trustPolicy),
        MaxSessionDuration: maxSessionSeconds,
        Tags: tagList(tags),
        ...(permissionsBoundary !== undefined && { PermissionsBoundary: permissionsBoundary }),
      });
      await unlessExists('iam:CreateRole', () => client.send(command));
      // until IAM knows it everywhere, a policy cannot be attached; the next request says if that lasts
      await waitUntilRoleExists({ client, maxWaitTime: 30 }, { RoleName: name }).catch(() => undefined);
    },
    async updateTrustPolicy(role: string, policy: unknown) {
      const PolicyDocument = JSON.stringify(policy);
      const command = new UpdateAssumeRolePolicyCommand({ RoleName: role, PolicyDocument });
      await call('iam:UpdateAssumeRolePolicy', () => client.send(command));
    },
    async updateMaxSession(role: string, seconds: number) {
      const command = new UpdateRoleCommand({ RoleName: role, MaxSessionDuration: seconds });
      await call('iam:UpdateRole', () => client.send(command));
    },
  };
}

function policyCalls(client: IAMClient) {
  return {
    async policyExists(arn: string) {
      const request = () => client.send(new GetPolicyCommand({ PolicyArn: arn }));
      return await ifExists('iam:GetPolicy', request).then(
        (found) => found !== undefined,
        (error: AwsOidcError) => {
          if (isDenied(error.cause)) return undefined;
          throw error;
        },
      );
    },
    async attachedPolicies(role: string) {
      const arns: string[] = [];
      let Marker: string | undefined;
      do {
        const command = new ListAttachedRolePoliciesCommand({ RoleName: role, Marker });
        const page = await call('iam:ListAttachedRolePolicies', () => client.send(command));
        arns.push(...(page.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []));
        Marker = page.IsTruncated ? page.Marker : undefined;
      } while (Marker !== undefined);
      return arns;
    },
    async attachPolicy(role: string, policyArn: string) {
      const command = new AttachRolePolicyCommand({ RoleName: role, PolicyArn: policyArn });
      await call('iam:AttachRolePolicy', () => client.send(command));
    },
    async inlinePolicy(role: string, name: string) {
      const command = new GetRolePolicyCommand({ RoleName: role, PolicyName: name });
      const found = await ifExists('iam:GetRolePolicy', () => client.send(command));
      return found && document('iam:GetRolePolicy', found.PolicyDocument);
    },
    async putInlinePolicy(role: string, name: string, policy: unknown) {
      const PolicyDocument = JSON.stringify(policy);
      const command = new PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument });
      await call('iam:PutRolePolicy', () => client.send(command));
    },
  };
}

function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** IAM returns policies as URL-encoded JSON. */
function document(action: string, text: string | undefined): unknown {
  try {
    return JSON.parse(decodeURIComponent(text ?? ''));
  } catch {
    throw new AwsOidcError('REFUSED', `The response to ${action} contains no readable policy.`, {
      hint: 'Check AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_IAM and the proxy variables.',
    });
  }
}

async function call<T>(action: string, request: () => Promise<T>): Promise<T> {
  return await request().catch((error: unknown) => {
    throw awsFailure(action, error);
  });
}

/** Undefined if AWS says that it does not exist. */
async function ifExists<T>(action: string, request: () => Promise<T>): Promise<T | undefined> {
  return await request().catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw awsFailure(action, error);
  });
}

/** Ignores that it exists: an earlier attempt of the same request, or someone else, created it. */
async function unlessExists(action: string, request: () => Promise<unknown>): Promise<void> {
  await request().catch((error: unknown) => {
    if (!isDuplicate(error)) throw awsFailure(action, error);
  });
}
