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

/** Formats the provider and the role; `json` is only the trust policy. */
export function formatRole(
  format: TemplateFormat,
  target: TrustTarget,
  permissions: RolePermissions = noPermissions,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(generatePolicy(target), null, 2)}\n`;
    case 'cloudformation':
      return `${JSON.stringify(cloudFormation(target, permissions), null, 2)}\n`;
    case 'terraform':
      return terraform(target, permissions);
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html */
function cloudFormation(target: TrustTarget, permissions: RolePermissions): unknown {
  const provider = {
    Type: 'AWS::IAM::OIDCProvider',
    Properties: { Url: target.issuer, ClientIdList: [target.audience] },
  };
  const role = {
    Type: 'AWS::IAM::Role',
    ...(target.withProvider && { DependsOn: 'Provider' }),
    Properties: {
      RoleName: target.roleName,
      MaxSessionDuration: target.maxSessionSeconds,
      AssumeRolePolicyDocument: generatePolicy(target),
      ...permissionProperties(permissions),
    },
  };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: { ...(target.withProvider && { Provider: provider }), Role: role },
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
function terraform(target: TrustTarget, permissions: RolePermissions): string {
  const provider = `resource "aws_iam_openid_connect_provider" "this" {
  url            = ${quoteHcl(target.issuer)}
  client_id_list = [${quoteHcl(target.audience)}]
}

`;
  const policy = formatHcl(generatePolicy(target), 2);
  const arn = quoteHcl(providerArn(target));
  const trusted = target.withProvider
    ? policy.replace(arn, () => 'aws_iam_openid_connect_provider.this.arn')
    : policy;
  const boundary =
    permissions.permissionsBoundary === undefined
      ? ''
      : `  permissions_boundary = ${quoteHcl(permissions.permissionsBoundary)}\n`;
  return `${target.withProvider ? provider : ''}resource "aws_iam_role" "this" {
  name                 = ${quoteHcl(target.roleName)}
  max_session_duration = ${target.maxSessionSeconds}
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
