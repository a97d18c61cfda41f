import { isHigher } from '../../permissions/access-level.ts';
import { type Permissions, worstCase } from '../../permissions/worst-case.ts';
import { TextError } from '../../text/text-error.ts';
import { lintInAccount } from '../../trust-policy/account-rules.ts';
import { compareBreadth } from '../../trust-policy/breadth.ts';
import { type FoundPolicy, policyOfRole } from '../../trust-policy/found-policy.ts';
import { lint } from '../../trust-policy/lint.ts';
import type { IdentityProvider } from '../../trust-policy/provider.ts';
import { accountRules } from '../../trust-policy/provider-rules.ts';
import { severities } from '../../trust-policy/rule.ts';
import { type TightenedPolicy, tightenedPolicy } from '../../trust-policy/tighten.ts';
import { type TrustedTokens, whoCanAssume } from '../../trust-policy/who-can-assume.ts';
import type { AuditedRole } from './account-roles.ts';
import { type AuditFinding, type IdentifiedFinding, identified, worstSeverity } from './finding.ts';

/** What the audit says about a role. */
export interface RoleReport {
  readonly account: string;
  readonly role: Pick<AuditedRole, 'arn' | 'name' | 'lastUsed' | 'origin'>;
  /** Broadest first; undefined if the trust policy could not be read. */
  readonly whoCanAssume: readonly TrustedTokens[] | undefined;
  readonly permissions: Permissions;
  /** Worst first. */
  readonly findings: readonly IdentifiedFinding[];
  /** Undefined if there is nothing to correct, or if a person must decide. */
  readonly corrected: TightenedPolicy | undefined;
}

/**
 * Judges one role of an account.
 *
 * @param providers the providers of the account; undefined if they are unknown
 */
export function assessRole(
  account: string,
  role: AuditedRole,
  providers: readonly IdentityProvider[] | undefined,
): RoleReport {
  const { arn, name, lastUsed, origin } = role;
  const permissions = worstCase(arn, role.policies, role.boundary);
  const found = trustPolicyOf(role);
  const common = { account, role: { arn, name, lastUsed, origin }, permissions };
  const about = { account, kind: 'role', name, origin } as const;
  if (found instanceof TextError) {
    const findings = identified([{ ...about, ...unreadable(found) }]);
    return { ...common, whoCanAssume: undefined, findings, corrected: undefined };
  }
  const violations = lint(found);
  const ofLint = violations.map(({ rule, severity, detail, reason, fix }): AuditFinding => {
    return { ...about, rule, severity, detail, reason, fix };
  });
  const ofAccount = lintInAccount(found.policy, account, providers).map((hit): AuditFinding => {
    return { ...about, ...hit, severity: accountRules[hit.rule] };
  });
  return {
    ...common,
    whoCanAssume: whoCanAssume(found.policy),
    findings: identified([...ofLint, ...ofAccount, ...guestFindings(ofLint, permissions)].sort(bySeverity)),
    corrected: tightenedPolicy(found, violations),
  };
}

function trustPolicyOf({ name, trustPolicy, origin }: AuditedRole): FoundPolicy | TextError {
  try {
    return policyOfRole(name, trustPolicy, origin?.place ?? { line: 1, column: 1 });
  } catch (error) {
    if (error instanceof TextError) return error;
    throw error;
  }
}

function unreadable({ message }: TextError) {
  return {
    rule: 'policy-syntax',
    severity: 'blocker',
    detail: message,
    reason: 'The trust policy cannot be read, so the role may trust anyone.',
    fix: 'Read it with "aws iam get-role", and check it by hand.',
  } as const;
}

/** Guests of an identity pool are anyone on the internet, so a role for them may do little. */
function guestFindings(findings: readonly AuditFinding[], { level }: Permissions): readonly AuditFinding[] {
  const guests = findings.find(({ rule }) => rule === 'guests-allowed');
  if (guests === undefined || ['none', 'read-only', 'limited'].includes(level)) return [];
  const rule = 'guest-permissions';
  const reason = 'Anyone on the internet may get these permissions.';
  const fix = 'Allow guests only the actions that the application needs, or exclude them.';
  return [
    {
      ...guests,
      rule,
      severity: accountRules[rule],
      detail: `guests may do more than some actions (${level})`,
      reason,
      fix,
    },
  ];
}

function bySeverity(a: AuditFinding, b: AuditFinding): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity);
}

/** Sorts reports, worst first: by findings, by what the role may do, by who can assume it, then by name. */
export function compareReports(a: RoleReport, b: RoleReport): number {
  const severity = (one: RoleReport) => severities.indexOf(worstSeverity(one.findings) ?? 'info');
  return (
    severity(b) - severity(a) ||
    compareLevels(b.permissions.level, a.permissions.level) ||
    compareBreadth(breadthOf(b), breadthOf(a)) ||
    (a.role.arn < b.role.arn ? -1 : 1)
  );
}

/** An unknown level may be the highest. */
function compareLevels(a: Permissions['level'], b: Permissions['level']): number {
  const [one, other] = [a, b].map((level) => (level === 'unknown' ? 'privilege-escalation' : level));
  if (one === undefined || other === undefined || one === other) return 0;
  return isHigher(one, other) ? 1 : -1;
}

function breadthOf({ whoCanAssume: who }: RoleReport) {
  return who === undefined ? 'anyone' : (who[0]?.breadth ?? 'exact');
}
