import { generatePolicy, providerArn, type TrustTarget } from '../../trust-policy/generate.ts';
import type { RolePermissions } from '../../trust-policy/write-role.ts';
import { awsCommand } from './step.ts';

/** The commands of the AWS CLI that make the same as setup, for a POSIX shell. */
export function awsCliScript(target: TrustTarget, permissions: RolePermissions): string {
  const { issuer, audience, roleName, maxSessionSeconds, withProvider } = target;
  const { policyArns, inline, permissionsBoundary } = permissions;
  const role = ['--role-name', roleName];
  const boundary = permissionsBoundary === undefined ? [] : ['--permissions-boundary', permissionsBoundary];
  const document = ['--assume-role-policy-document', JSON.stringify(generatePolicy(target))];
  const duration = ['--max-session-duration', String(maxSessionSeconds)];
  const provider = ['--url', issuer, '--client-id-list', audience];
  return [
    '#!/bin/sh',
    'set -eu',
    ...(withProvider
      ? [
          `# an account has one provider for each issuer; if it exists, use this instead of the next command:`,
          `# ${awsCommand('iam', 'add-client-id-to-open-id-connect-provider', '--open-id-connect-provider-arn', providerArn(target), '--client-id', audience)}`,
          awsCommand('iam', 'create-open-id-connect-provider', ...provider),
        ]
      : []),
    awsCommand('iam', 'create-role', ...role, ...duration, ...boundary, ...document),
    ...policyArns.map((arn) => awsCommand('iam', 'attach-role-policy', ...role, '--policy-arn', arn)),
    ...(inline === undefined ? [] : [putPolicy(role, inline)]),
    '',
  ].join('\n');
}

function putPolicy(
  role: readonly string[],
  { name, policy }: NonNullable<RolePermissions['inline']>,
): string {
  const document = ['--policy-document', JSON.stringify(policy)];
  return awsCommand('iam', 'put-role-policy', ...role, '--policy-name', name, ...document);
}
