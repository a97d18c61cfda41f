import { type AccessLevel, isHigher, lower } from './access-level.ts';
import { isReadOnly, levelOfAwsPolicy } from './aws-managed-policies.ts';
import { type PermissionStatement, readIdentityPolicy } from './identity-policy.ts';
import { type Judgment, levelOf } from './level-of.ts';
import type { JudgedRole } from './statement-scope.ts';

/** A policy of a role. */
export interface RolePolicy {
  readonly name: string;
  /** Undefined for an inline policy. */
  readonly arn: string | undefined;
  /** An object or URL-encoded text; undefined if only the name is known. */
  readonly document: unknown;
}

/** What a role may do at worst, and why. */
export interface Permissions {
  /** `unknown` if a policy could not be read, and the others do not say enough. */
  readonly level: AccessLevel | 'unknown';
  /** The actions or policies because of which it has the level. */
  readonly because: readonly string[];
  /** Policies that could not be read: the role may be allowed more. */
  readonly unread: readonly string[];
  /** The permissions boundary, if it lowers the level. */
  readonly limitedBy: string | undefined;
}

/** Levels that say enough, even if a policy is unread. */
const alarming: readonly AccessLevel[] = ['iam-write', 'privilege-escalation', 'administrator'];

/**
 * Judges what a role may do at worst, from its policies and its permissions boundary. The result never is less than
 * IAM allows: conditions count as met, an unreadable boundary as none. Service control policies are unknown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function worstCase(
  roleArn: string,
  policies: readonly RolePolicy[],
  boundary: RolePolicy | undefined,
): Permissions {
  const policyArns = policies.filter((one) => !isAwsManaged(one)).flatMap(({ arn }) => arn ?? []);
  const role = { arn: roleArn, policyArns };
  const own = judge(policies, role);
  const limit = boundary === undefined ? undefined : judge([boundary], role);
  const isLimited = limit !== undefined && limit.unread.length === 0 && isHigher(own.level, limit.level);
  const level = isLimited ? lower(own.level, limit.level) : own.level;
  const isKnown = own.unread.length === 0 || alarming.includes(level);
  const isCapped = limit !== undefined && limit.unread.length === 0 && !alarming.includes(limit.level);
  return {
    level: isKnown ? level : isCapped ? limit.level : 'unknown',
    because: isLimited ? limit.actions : own.actions,
    unread: [...own.unread, ...(limit?.unread ?? [])],
    limitedBy: isLimited || (isCapped && !isKnown) ? boundary?.name : undefined,
  };
}

interface Judged extends Judgment {
  readonly unread: readonly string[];
}

/** Judges the statements of all documents together, and other policies by their names. */
function judge(policies: readonly RolePolicy[], role: JudgedRole): Judged {
  const read = policies.map((policy) => ({ policy, statements: statementsOf(policy, role) }));
  const together = levelOf(
    read.flatMap(({ statements }) => statements ?? []),
    role,
  );
  const others = read.filter(({ statements }) => statements === undefined).map(({ policy }) => policy);
  const byName = others.map((policy) => ({ policy, level: levelByName(policy) }));
  const unread = byName.flatMap(({ policy, level }) => (level === undefined ? [policy.name] : []));
  return byName.reduce<Judged>(
    (worst, { policy, level }) =>
      level !== undefined && isHigher(level, worst.level) ? { level, actions: [policy.name], unread } : worst,
    { ...together, unread },
  );
}

/** Undefined if the policy is judged by its name. */
function statementsOf(policy: RolePolicy, role: JudgedRole): readonly PermissionStatement[] | undefined {
  const statements = readIdentityPolicy(policy.document);
  if (statements === undefined || !isAwsManaged(policy) || !isReadOnly(policy.name)) return statements;
  return levelOf(statements, role).level === 'limited' ? undefined : statements;
}

function levelByName(policy: RolePolicy): AccessLevel | undefined {
  if (!isAwsManaged(policy)) return undefined;
  // a document that cannot be read may not be the one that the table knows
  const isBroken = policy.document !== undefined && readIdentityPolicy(policy.document) === undefined;
  return isBroken ? undefined : levelOfAwsPolicy(policy.name);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html */
function isAwsManaged({ arn = '' }: RolePolicy): boolean {
  return /^arn:[^:]+:iam::aws:policy\//.test(arn);
}
