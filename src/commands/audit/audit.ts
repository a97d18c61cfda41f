import { type ExitCode, exitCodes } from '../../errors.ts';
import { reportFailure } from '../../output/failure.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { type Severity, severities } from '../../trust-policy/rule.ts';
import { invalid } from '../input/text-file.ts';
import { type AccountReport, assessAccount, type CheckIssuer } from './assess-account.ts';
import type { AuditFlags, AuditReport } from './audit-report.ts';
import { readAuthorizationDetails } from './authorization-details.ts';
import { type Baseline, formatBaseline, goneFrom, readBaseline } from './baseline.ts';
import { issuerCheck } from './check-issuer.ts';
import type { IdentifiedFinding } from './finding.ts';
import { type LiveAccounts, readLiveAccounts } from './live-accounts.ts';
import { providersByAccount, readProviderFiles } from './provider-files.ts';
import { writeReport } from './report.ts';
import { RoleCollector } from './role-collector.ts';

/**
 * Judges all roles that trust OpenID Connect issuers: who can assume them, and what they may do.
 *
 * @param files with the output of `aws iam get-account-authorization-details`; without any, IAM is asked
 * @returns 1 if a finding that is not in the baseline has at least the severity `failOn`, or an account could not be read
 */
export async function auditCommand(
  io: CommandLineIo,
  files: readonly string[],
  flags: AuditFlags,
): Promise<ExitCode> {
  try {
    const baseline = flags.baseline === undefined ? undefined : await readBaseline(io, flags.baseline);
    const accounts = await accountsIn(io, files, flags);
    const check = flags.checkIssuers ? await issuerCheck(io) : async () => [];
    const report = await assess(accounts, check, baseline);
    await writeReport(io, report, flags);
    if (flags.writeBaseline !== undefined)
      await io.writePrivateFile(flags.writeBaseline, formatBaseline(report.findings));
    const failing = report.findings.some((one) => isFailing(one, flags.failOn, baseline));
    return failing || report.unread.length > 0 ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    return reportFailure(redactingLog(io), error);
  }
}

/** The accounts in the files; without files, from IAM. */
async function accountsIn(
  io: CommandLineIo,
  files: readonly string[],
  flags: AuditFlags,
): Promise<LiveAccounts> {
  if (files.length === 0) return await readLiveAccounts(io, flags, redactingLog(io));
  const live = ['--profile', '--organization-role'].find(
    (_, index) => [flags.profiles[0], flags.organizationRole][index],
  );
  if (live !== undefined)
    throw invalid(live, 'must not be set if files are audited', 'Nothing is read from IAM then.');
  const providers = await readProviderFiles(io, flags.providers);
  const collector = new RoleCollector();
  await readAuthorizationDetails(io, files, collector);
  return { accounts: collector.accounts(providersByAccount(providers, collector.accountIds())), unread: [] };
}

async function assess(
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

function isFailing(finding: IdentifiedFinding, failOn: Severity, baseline: Baseline | undefined): boolean {
  const isGrave = severities.indexOf(finding.severity) >= severities.indexOf(failOn);
  return isGrave && baseline?.has(finding) !== true;
}
