import { isDeepStrictEqual } from 'node:util';
import type { Iam } from '../../aws-api/iam.ts';
import type { Problem } from '../../errors.ts';
import { formatDiff } from '../../output/diff.ts';
import type { RolePermissions } from '../../trust-policy/write-role.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { normalized } from './normalized-policy.ts';
import { awsCommand, type Step, unchanged } from './step.ts';

/**
 * Plans the policies of the role.
 *
 * @param isNew the role does not exist yet, so it has no policies to read
 * @throws {AwsOidcError} `INVALID_INPUT` if a managed policy does not exist
 */
export async function permissionSteps(
  iam: Iam,
  role: string,
  { policyArns, inline }: RolePermissions,
  isNew: boolean,
): Promise<readonly Step[]> {
  await checkExistence(iam, policyArns);
  const attached = isNew || policyArns.length === 0 ? [] : await iam.attachedPolicies(role);
  const steps = policyArns.map((arn) =>
    attached.includes(arn)
      ? unchanged('policy', `policy ${arn}, attached to the role`)
      : attachment(iam, role, arn),
  );
  if (inline === undefined) return steps;
  const current = isNew ? undefined : await iam.inlinePolicy(role, inline.name);
  return [...steps, inlineStep(iam, role, inline, current)];
}

/** Before anything is created: a misspelled ARN would be noticed last. */
async function checkExistence(iam: Iam, arns: readonly string[]): Promise<void> {
  const problems: Problem[] = [];
  for (const arn of arns) {
    if ((await iam.policyExists(arn)) !== false) continue;
    const hint =
      'AWS managed policies are listed in the IAM console; some have a path such as job-function/.';
    problems.push({
      name: '--policy-arn',
      rule: 'must be the ARN of a policy that exists',
      value: arn,
      hint,
    });
  }
  if (problems.length > 0) throw invalidInput(problems, 'Nothing was changed.');
}

function attachment(iam: Iam, role: string, arn: string): Step {
  return {
    resource: 'policy',
    change: 'create',
    title: `policy ${arn}, attached to the role`,
    lines: [],
    apply: () => iam.attachPolicy(role, arn),
    undo: awsCommand('iam', 'detach-role-policy', '--role-name', role, '--policy-arn', arn),
  };
}

function inlineStep(
  iam: Iam,
  role: string,
  { name, policy }: NonNullable<RolePermissions['inline']>,
  current: unknown,
): Step {
  const title = `inline policy ${name} of the role`;
  if (current !== undefined && isDeepStrictEqual(normalized(current), normalized(policy))) {
    return unchanged('policy', title);
  }
  const words = ['--role-name', role, '--policy-name', name];
  const after = JSON.stringify(policy, null, 2);
  const apply = () => iam.putInlinePolicy(role, name, policy);
  if (current === undefined) {
    const undo = awsCommand('iam', 'delete-role-policy', ...words);
    return {
      resource: 'policy',
      change: 'create',
      title,
      lines: after.split('\n'),
      apply,
      undo,
    };
  }
  const before = JSON.stringify(current, null, 2);
  return {
    resource: 'policy',
    change: 'update',
    title,
    lines: formatDiff({ path: 'policy.json', before: `${before}\n`, after: `${after}\n` }, false),
    apply,
    undo: awsCommand('iam', 'put-role-policy', ...words, '--policy-document', JSON.stringify(current)),
  };
}
