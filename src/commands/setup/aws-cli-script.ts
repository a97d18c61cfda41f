import { generatePolicy, type TrustTarget } from '../../trust-policy/generate.ts';
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
  // as JSON, because version 1 of the AWS CLI would fetch a plain URL
  const provider = ['--url', issuer, '--client-id-list', JSON.stringify([audience])];
  return [
    '#!/bin/sh',
    'set -eu',
    ...(withProvider
      ? [
          '# fails if the account has the identity provider: then add the audience to it instead',
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
