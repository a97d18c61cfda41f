import { type ExitCode, exitCodes } from '../../errors.ts';
import { reportFailure } from '../../output/failure.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { invalid } from '../input/text-file.ts';
import type { AuditFlags } from './audit-report.ts';
import { readAuthorizationDetails } from './authorization-details.ts';
import { formatBaseline, readBaseline } from './baseline.ts';
import { issuerCheck } from './check-issuer.ts';
import { isFailing, judge } from './judge.ts';
import type { LiveAccounts } from './live-accounts.ts';
import { readAccountsOfProfiles } from './profile-accounts.ts';
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
    const report = await judge(accounts, check, baseline);
    await writeReport(io, report, flags);
    if (flags.writeBaseline !== undefined)
      await io.writePrivateFile(flags.writeBaseline, formatBaseline(report.findings));
    return isFailing(report, flags.failOn) ? exitCodes.failed : exitCodes.done;
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
  if (files.length === 0) {
    if (flags.providers.length > 0)
      throw invalid(
        '--providers',
        'must be used with files',
        'Without files, IAM is asked for the providers.',
      );
    return await readAccountsOfProfiles(io, flags, redactingLog(io));
  }
  if (flags.profiles.length > 0 || flags.organizationRole !== undefined) {
    const name = flags.profiles.length > 0 ? '--profile' : '--organization-role';
    throw invalid(name, 'must not be used with files', 'With files, nothing is read from IAM.');
  }
  const providers = await readProviderFiles(io, flags.providers);
  const collector = new RoleCollector();
  await readAuthorizationDetails(io, files, collector);
  return { accounts: collector.accounts(providersByAccount(providers, collector.accountIds())), unread: [] };
}
