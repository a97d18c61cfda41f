import { RuleError } from '../errors.ts';

/** The parts of an IAM role's ARN. */
export interface RoleArn {
  readonly arn: string;
  readonly partition: string;
  readonly account: string;
  /** Without the path. */
  readonly name: string;
}

const maxArnLength = 2048;
const role = /^arn:(aws(?:-[a-z]+)*):iam::(\d{12}):role\/(?:[\x21-\x7e]{1,510}\/)?([\w+=,.@-]{1,64})$/;
const assumedRole = /^arn:aws(?:-[a-z]+)*:sts::(\d{12}):assumed-role\/[\w+=,.@-]{1,64}\/[\w+=,.@-]{2,64}$/;
const policy = /^arn:aws(?:-[a-z]+)*:iam::(?:aws|\d{12}):policy\/[\x21-\x7e]{1,640}$/;

/**
 * Reads the ARN of an IAM role.
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 *
 * @throws {RuleError} with a hint that fits the mistake
 */
export function parseRoleArn(text: string): RoleArn {
  const match = text.length <= maxArnLength ? role.exec(text) : null;
  if (match === null) {
    throw new RuleError('must be arn:PARTITION:iam::ACCOUNT:role/NAME', roleArnHint(text));
  }
  const [partition, account, name] = match.slice(1) as [string, string, string];
  return { arn: text, partition, account, name };
}

/** The account in the ARN of an assumed role; undefined if the text is not such an ARN. */
export function assumedRoleAccount(text: string): string | undefined {
  return assumedRole.exec(text)?.[1];
}

/** @throws {RuleError} if `text` is not the ARN of a managed policy */
export function checkPolicyArn(text: string): string {
  if (!policy.test(text)) {
    throw new RuleError(
      'must be arn:PARTITION:iam::ACCOUNT:policy/NAME',
      'For an AWS managed policy the account is "aws": arn:aws:iam::aws:policy/ReadOnlyAccess.',
    );
  }
  return text;
}

function roleArnHint(text: string): string {
  if (text.trim() !== text) return 'Remove the space or line break around it.';
  if (/^arn:[^:]*:iam:[^:]+:/.test(text)) return 'IAM ARNs have no region: use "iam::".';
  if (/^arn:[^:]*:iam:::/.test(text))
    return 'The account is empty: a variable in the ARN is not set in this job.';
  if (text.includes(':assumed-role/'))
    return 'This is a session, not a role: use arn:aws:iam::ACCOUNT:role/NAME.';
  if (/:(user|policy|oidc-provider)\//.test(text)) return 'This is not the ARN of a role.';
  if (/^[\w+=,.@-]{1,64}$/.test(text)) return `Use the whole ARN: arn:aws:iam::ACCOUNT:role/${text}.`;
  return 'Copy the ARN from the role in the IAM console.';
}
