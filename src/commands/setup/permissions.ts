import { type Problem, RuleError } from '../../errors.ts';
import { checkPolicyArn } from '../../identity/arn.ts';
import type { Io } from '../../system/io.ts';
import { TextError } from '../../text/text-error.ts';
import { readJson } from '../../trust-policy/json-source.ts';
import type { RolePermissions } from '../../trust-policy/write-role.ts';
import { inputChecker } from '../../validation/input-checker.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { invalid, readTextFile } from '../input/text-file.ts';
import type { PermissionFlags } from './setup-flags.ts';

/** The name of the inline policy that comes from a file. */
const inlinePolicyName = 'gitlab-ci';

/** IAM's limit for all inline policies of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const maxPolicyCharacters = 10_240;

/**
 * Reads and checks the policies in the flags.
 *
 * @param partition the partition of the account: policies of another one cannot be attached
 * @throws {AwsOidcError} `INVALID_INPUT`
 */
export async function readPermissions(
  io: Io,
  { policyArn = [], policy, permissionsBoundary }: PermissionFlags,
  partition: string,
): Promise<RolePermissions> {
  const problems: Problem[] = [];
  const check = inputChecker(problems);
  const inPartition = (arn: string) => {
    if (!checkPolicyArn(arn).startsWith(`arn:${partition}:`)) {
      throw new RuleError(`must be in the partition of the account: arn:${partition}:…`);
    }
    return arn;
  };
  const policyArns = policyArn.flatMap((arn) => check.optional('--policy-arn', arn, inPartition) ?? []);
  const boundary = check.optional('--permissions-boundary', permissionsBoundary, inPartition);
  if (problems.length > 0) throw invalidInput(problems, 'Nothing was changed.');
  return {
    policyArns: [...new Set(policyArns)],
    inline: policy === undefined ? undefined : await readInline(io, policy),
    permissionsBoundary: boundary,
  };
}

async function readInline(io: Io, path: string): Promise<RolePermissions['inline']> {
  return { name: inlinePolicyName, policy: parsePolicy(await readTextFile(io, '--policy', path)) };
}

function parsePolicy(text: string): unknown {
  const example = 'For example {"Version": "2012-10-17", "Statement": […]}.';
  const policy = parseJson(text.replace(/^\ufeff/, ''));
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) {
    throw invalid('--policy', 'must be a file with an IAM policy as JSON', example);
  }
  if (
    [policy.Statement].flat().some((one) => typeof one === 'object' && one !== null && 'Principal' in one)
  ) {
    const hint = 'This is a trust policy, which setup writes itself. A permissions policy has a Resource.';
    throw invalid('--policy', 'must not contain a Principal', hint);
  }
  if (JSON.stringify(policy).length > maxPolicyCharacters) {
    throw invalid(
      '--policy',
      `must have at most ${maxPolicyCharacters} characters`,
      'Use --policy-arn instead.',
    );
  }
  return policy;
}

/** Undefined if the text is not JSON, nested too deeply, or too long. */
function parseJson(text: string): unknown {
  try {
    readJson(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof TextError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
