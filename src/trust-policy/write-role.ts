import { type ChainedRole, chainedPolicy } from './chained-role.ts';
import type { Json } from './exact-statement.ts';
import { generatePolicy, providerArn, type TrustTarget } from './generate.ts';
import { formatHcl, quoteHcl } from './hcl.ts';

/** The formats for a role and its provider. */
export const templateFormats = ['json', 'cloudformation', 'terraform'] as const;

export type TemplateFormat = (typeof templateFormats)[number];

/** What a role may do. */
export interface RolePermissions {
  /** Managed policies to attach. */
  readonly policyArns: readonly string[];
  /** An inline policy and its name. */
  readonly inline: { readonly name: string; readonly policy: unknown } | undefined;
  readonly permissionsBoundary: string | undefined;
}

const noPermissions: RolePermissions = { policyArns: [], inline: undefined, permissionsBoundary: undefined };

/** A role, and the identity provider to create with it. */
interface NewRole {
  readonly roleName: string;
  readonly maxSessionSeconds: number;
  readonly policy: Json;
  readonly provider: { readonly issuer: string; readonly audience: string; readonly arn: string } | undefined;
}

/** Formats the provider and the role; `json` is only the trust policy. */
export function formatRole(
  format: TemplateFormat,
  target: TrustTarget,
  permissions: RolePermissions = noPermissions,
): string {
  const { issuer, audience, withProvider } = target;
  const provider = withProvider ? { issuer, audience, arn: providerArn(target) } : undefined;
  return formatNewRole(format, { ...target, policy: generatePolicy(target), provider }, permissions);
}

/** AWS limits sessions of chained roles to this, which is also IAM's minimum for a role. */
const chainedSessionSeconds = 3600;

/** Formats a role that other roles assume; `json` is only the trust policy. */
export function formatChainedRole(format: TemplateFormat, role: ChainedRole): string {
  const { roleName } = role;
  const [policy, maxSessionSeconds] = [chainedPolicy(role), chainedSessionSeconds];
  return formatNewRole(format, { roleName, maxSessionSeconds, policy, provider: undefined }, noPermissions);
}

function formatNewRole(format: TemplateFormat, role: NewRole, permissions: RolePermissions): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(role.policy, null, 2)}\n`;
    case 'cloudformation':
      return `${JSON.stringify(cloudFormation(role, permissions), null, 2)}\n`;
    case 'terraform':
      return terraform(role, permissions);
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html */
function cloudFormation(role: NewRole, permissions: RolePermissions): unknown {
  const provider = role.provider && {
    Type: 'AWS::IAM::OIDCProvider',
    Properties: { Url: role.provider.issuer, ClientIdList: [role.provider.audience] },
  };
  const resource = {
    Type: 'AWS::IAM::Role',
    ...(provider && { DependsOn: 'Provider' }),
    Properties: {
      RoleName: role.roleName,
      MaxSessionDuration: role.maxSessionSeconds,
      AssumeRolePolicyDocument: role.policy,
      ...permissionProperties(permissions),
    },
  };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: { ...(provider && { Provider: provider }), Role: resource },
    Outputs: { RoleArn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  };
}

function permissionProperties({ policyArns, inline, permissionsBoundary }: RolePermissions): Json {
  return {
    ...(policyArns.length > 0 && { ManagedPolicyArns: policyArns }),
    ...(inline && { Policies: [{ PolicyName: inline.name, PolicyDocument: inline.policy }] }),
    ...(permissionsBoundary !== undefined && { PermissionsBoundary: permissionsBoundary }),
  };
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role */
function terraform({ policy, provider, ...role }: NewRole, permissions: RolePermissions): string {
  const resource =
    provider &&
    `resource "aws_iam_openid_connect_provider" "this" {
  url            = ${quoteHcl(provider.issuer)}
  client_id_list = [${quoteHcl(provider.audience)}]
}

`;
  const document = formatHcl(policy, 2);
  const trusted = provider
    ? document.replace(quoteHcl(provider.arn), () => 'aws_iam_openid_connect_provider.this.arn')
    : document;
  const boundary =
    permissions.permissionsBoundary === undefined
      ? ''
      : `  permissions_boundary = ${quoteHcl(permissions.permissionsBoundary)}\n`;
  return `${resource ?? ''}resource "aws_iam_role" "this" {
  name                 = ${quoteHcl(role.roleName)}
  max_session_duration = ${role.maxSessionSeconds}
${boundary}  assume_role_policy = jsonencode(${trusted})
}
${terraformPolicies(permissions)}
output "role_arn" {
  value = aws_iam_role.this.arn
}
`;
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachment */
function terraformPolicies({ policyArns, inline }: RolePermissions): string {
  const attachments = `
resource "aws_iam_role_policy_attachment" "this" {
  for_each   = toset(${formatHcl(policyArns, 2)})
  role       = aws_iam_role.this.name
  policy_arn = each.value
}
`;
  const own =
    inline &&
    `
resource "aws_iam_role_policy" "this" {
  name   = ${quoteHcl(inline.name)}
  role   = aws_iam_role.this.name
  policy = jsonencode(${formatHcl(inline.policy, 2)})
}
`;
  return `${policyArns.length === 0 ? '' : attachments}${own ?? ''}`;
}
