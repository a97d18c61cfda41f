import { generatePolicy, providerArn, type TrustTarget } from './generate.ts';

/** The formats for a role and its provider. */
export const templateFormats = ['json', 'cloudformation', 'terraform'] as const;

export type TemplateFormat = (typeof templateFormats)[number];

/** Formats the provider and the role; `json` is only the trust policy. */
export function formatRole(format: TemplateFormat, target: TrustTarget): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(generatePolicy(target), null, 2)}\n`;
    case 'cloudformation':
      return `${JSON.stringify(cloudFormation(target), null, 2)}\n`;
    case 'terraform':
      return terraform(target);
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html */
function cloudFormation(target: TrustTarget): unknown {
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
    },
  };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: { ...(target.withProvider && { Provider: provider }), Role: role },
    Outputs: { RoleArn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  };
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role */
function terraform(target: TrustTarget): string {
  const provider = `resource "aws_iam_openid_connect_provider" "this" {
  url            = ${hcl(target.issuer)}
  client_id_list = [${hcl(target.audience)}]
}

`;
  const policy = hclValue(generatePolicy(target), 2);
  const arn = hcl(providerArn(target));
  const trusted = target.withProvider
    ? policy.replace(arn, () => 'aws_iam_openid_connect_provider.this.arn')
    : policy;
  return `${target.withProvider ? provider : ''}resource "aws_iam_role" "this" {
  name                 = ${hcl(target.roleName)}
  max_session_duration = ${target.maxSessionSeconds}
  assume_role_policy = jsonencode(${trusted})
}

output "role_arn" {
  value = aws_iam_role.this.arn
}
`;
}

/** Formats a value in HCL syntax: https://developer.hashicorp.com/terraform/language/expressions/types */
function hclValue(value: unknown, indent: number): string {
  const pad = ' '.repeat(indent);
  if (Array.isArray(value)) return `[${value.map((item) => hclValue(item, indent)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return hcl(String(value));
  const texts = Object.values(value).map((item) => hclValue(item, indent + 2));
  const names = Object.keys(value).map((name) => (/^\w+$/.test(name) ? name : hcl(name)));
  const lines = names.map((name, index) => {
    const width = Math.max(...runAround(index, texts).map((one) => names[one]?.length ?? 0));
    return `${pad}  ${name.padEnd(width)} = ${texts[index]}\n`;
  });
  return `{\n${lines.join('')}${pad}}`;
}

/** The neighbors that `terraform fmt` aligns: consecutive single-line values. */
function runAround(index: number, texts: readonly string[]): readonly number[] {
  const isLong = (one: number) => texts[one]?.includes('\n') ?? true;
  if (isLong(index)) return [index];
  let [first, last] = [index, index];
  while (!isLong(first - 1)) first--;
  while (!isLong(last + 1)) last++;
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}

/** Quotes a string for HCL; `${` and `%{` would begin templates. */
function hcl(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, '$&$&');
}
