/**
 * Actions by which a principal can get other permissions than its own: it changes policies or group members,
 * creates credentials of others, changes who can assume a role, or uses another role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions_create-policies.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const escalatingActions = [
  'iam:PassRole',
  'iam:AttachRolePolicy',
  'iam:PutRolePolicy',
  'iam:AttachUserPolicy',
  'iam:PutUserPolicy',
  'iam:AttachGroupPolicy',
  'iam:PutGroupPolicy',
  'iam:CreatePolicyVersion',
  'iam:SetDefaultPolicyVersion',
  'iam:AddUserToGroup',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:UpdateLoginProfile',
  'iam:UpdateAssumeRolePolicy',
  'iam:DeleteRolePermissionsBoundary',
  'iam:PutRolePermissionsBoundary',
  'iam:DeleteUserPermissionsBoundary',
  'iam:PutUserPermissionsBoundary',
  'iam:UpdateSAMLProvider',
  'iam:CreateServiceSpecificCredential',
  'iam:ResetServiceSpecificCredential',
  'iam:UploadSigningCertificate',
  'sts:AssumeRole',
] as const;

/** Those by which a role can change its own permissions. */
export const selfGrantingActions: readonly string[] = [
  'iam:AttachRolePolicy',
  'iam:PutRolePolicy',
  'iam:CreatePolicyVersion',
  'iam:SetDefaultPolicyVersion',
];

/** IAM actions that change nothing, or nothing that grants permissions: passing a role is judged by itself. */
export const harmlessIamActions = [
  'iam:Get*',
  'iam:List*',
  'iam:Simulate*',
  'iam:Generate*',
  'iam:PassRole',
  'iam:CreateServiceLinkedRole',
  'iam:DeleteServiceLinkedRole',
] as const;

/** Actions that read in any service, by AWS's conventions for their names. */
export const readingNames = [
  'Get*',
  'List*',
  'Describe*',
  'BatchGet*',
  'BatchDescribe*',
  'BatchCheck*',
  'Head*',
  'Lookup*',
  'Search*',
  'View*',
  'Filter*',
  'Query*',
  'Scan*',
  'Select*',
  'Simulate*',
  'Validate*',
  'Estimate*',
  'Read*',
  'Download*',
] as const;

/** Actions that read, whatever their names say. */
export const readingActions = ['logs:StartQuery', 'logs:StopQuery'] as const;

/** Actions that issue credentials, whatever their names say. */
export const misnamedActions = [
  'cognito-identity:GetCredentialsForIdentity',
  'cognito-identity:GetOpenIdToken*',
  'ec2:GetPasswordData',
  'gamelift:GetInstanceAccess',
  'gamelift:GetComputeAccess',
  'lightsail:GetInstanceAccessDetails',
  'redshift:GetClusterCredentials*',
  'redshift-serverless:GetCredentials',
  'sso:GetRoleCredentials',
  'sts:GetFederationToken',
  'sts:GetSessionToken',
] as const;
