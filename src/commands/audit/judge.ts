import { type Severity, severities } from '../../trust-policy/rule.ts';
import { type AccountReport, assessAccount, type CheckIssuer } from './assess-account.ts';
import type { AuditReport } from './audit-report.ts';
import { type Baseline, goneFrom } from './baseline.ts';
import type { IdentifiedFinding } from './finding.ts';
import type { LiveAccounts } from './live-accounts.ts';

/** Judges the roles and providers of all accounts. */
export async function judge(
  { accounts, unread }: LiveAccounts,
  check: CheckIssuer,
  baseline: Baseline | undefined,
): Promise<AuditReport> {
  const reports: AccountReport[] = [];
  for (const account of accounts) reports.push(await assessAccount(account, check));
  const findings = reports.flatMap(({ roles, providers }) =>
    [...roles, ...providers].flatMap((one) => one.findings),
  );
  const ids = accounts.map(({ account }) => account);
  return {
    accounts: reports,
    unread,
    findings,
    baseline,
    gone: baseline === undefined ? [] : goneFrom(baseline, findings, ids),
  };
}

/** Is there a finding of at least this severity that the baseline does not have, or an account that was not read? */
export function isFailing({ findings, baseline, unread }: AuditReport, failOn: Severity): boolean {
  const least = severities.indexOf(failOn);
  const isNew = (one: IdentifiedFinding) => baseline?.has(one) !== true;
  return unread.length > 0 || findings.some((one) => severities.indexOf(one.severity) >= least && isNew(one));
}
