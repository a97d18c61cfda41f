import { type ExitCode, exitCodes } from '../../errors.ts';
import { reportFailure } from '../../output/failure.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { type Severity, severities } from '../../trust-policy/rule.ts';
import { invalid } from '../input/text-file.ts';
import type { AccountRoles } from './account-roles.ts';
import { type AccountReport, assessAccount, type CheckIssuer } from './assess-account.ts';
import type { AuditFlags, AuditReport } from './audit-report.ts';
import { readAuthorizationDetails } from './authorization-details.ts';
import { type Baseline, formatBaseline, goneFrom, readBaseline } from './baseline.ts';
import { issuerCheck } from './check-issuer.ts';
import type { IdentifiedFinding } from './finding.ts';
import { providersByAccount, readProviderFiles } from './provider-files.ts';
import { writeReport } from './report.ts';
import { RoleCollector } from './role-collector.ts';

/**
 * Judges all roles that trust OpenID Connect issuers: who can assume them, and what they may do.
 *
 * @param files with the output of `aws iam get-account-authorization-details`
 * @returns 1 if a finding that is not in the baseline has at least the severity `failOn`
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
    return failing ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    return reportFailure(redactingLog(io), error);
  }
}

async function accountsIn(
  io: CommandLineIo,
  files: readonly string[],
  flags: AuditFlags,
): Promise<readonly AccountRoles[]> {
  if (files.length === 0) {
    const hint = 'Write it with: aws iam get-account-authorization-details > roles.json';
    throw invalid('FILE', 'must name a file with the roles of an account', hint);
  }
  const providers = await readProviderFiles(io, flags.providers);
  const collector = new RoleCollector();
  await readAuthorizationDetails(io, files, collector);
  return collector.accounts(providersByAccount(providers, collector.accountIds()));
}

async function assess(
  accounts: readonly AccountRoles[],
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
    findings,
    baseline,
    gone: baseline === undefined ? [] : goneFrom(baseline, findings, ids),
  };
}

function isFailing(finding: IdentifiedFinding, failOn: Severity, baseline: Baseline | undefined): boolean {
  const isGrave = severities.indexOf(finding.severity) >= severities.indexOf(failOn);
  return isGrave && baseline?.has(finding) !== true;
}
