import { callerOf } from '../../aws-api/caller.ts';
import { connectWith } from '../../aws-api/connection.ts';
import { type ExitCode, exitCodes } from '../../errors.ts';
import type { Session } from '../../hand-off/session.ts';
import { defaultRetryLimits } from '../../network/retry.ts';
import { formatCodeQuality } from '../../output/code-quality.ts';
import { reportFailure } from '../../output/failure.ts';
import type { JobLog } from '../../output/job-log.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { formatLinks, noAnnotations } from '../../text/link-annotations.ts';
import { type Severity, severities } from '../../trust-policy/rule.ts';
import { readBundle } from '../input/session-input.ts';
import { invalid } from '../input/text-file.ts';
import { obtainSession } from '../session/obtain-session.ts';
import type { AuditReport } from './audit-report.ts';
import { readBaseline } from './baseline.ts';
import { isFailing, judge } from './judge.ts';
import { reachable, readAll } from './live-accounts.ts';
import { toIssue } from './report.ts';
import { printReport } from './report-text.ts';
import { roleLinks } from './role-links.ts';

/** Accounts of an organization at a time: the job has as many minutes as it needs. */
const parallel = 4;

/**
 * The job of the component `audit`: exchanges the ID token, audits the account of the role, or its organization, and
 * writes the findings to the log, a Code Quality report and links on the job's page.
 *
 * @returns 1 if a new finding has at least the severity of the input `fail_on`, or an account could not be read
 */
export async function auditJob(io: Io): Promise<ExitCode> {
  const log = redactingLog(io);
  try {
    const failOn = readFailOn(io);
    const { AWS_OIDC_AUDIT_BASELINE: file } = io.env;
    const baseline = file ? await readBaseline(io, file, 'baseline') : undefined;
    const { session } = await obtainSession(io, { inputs: {} }, log, defaultRetryLimits);
    const accounts = await readAccounts(io, session, log);
    const report = await judge(accounts, async () => [], baseline);
    await printReport(io, report, { corrected: true });
    await writeReports(io, report);
    return isFailing(report, failOn) ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

function readFailOn({ env }: Io): Severity {
  const text = env.AWS_OIDC_AUDIT_FAIL_ON || 'major';
  const found = severities.find((severity) => severity === text);
  if (found !== undefined) return found;
  throw invalid('fail_on', `must be one of ${severities.join(', ')}`, undefined, text);
}

async function readAccounts(io: Io, { region, ...credentials }: Session, log: JobLog) {
  const connection = connectWith(region, await readBundle(io), () => async () => credentials);
  const caller = await callerOf(connection);
  const role = io.env.AWS_OIDC_AUDIT_ORGANIZATION_ROLE || undefined;
  return await readAll(await reachable([{ connection, caller }], role), parallel, log);
}

/** GitLab's reports; the runner warns about one that is missing, so they exist even without findings. */
async function writeReports(io: Io, report: AuditReport): Promise<void> {
  const { AWS_OIDC_AUDIT_REPORT: codeQuality, AWS_OIDC_ANNOTATIONS: annotations } = io.env;
  if (codeQuality) await io.writePrivateFile(codeQuality, formatCodeQuality(report.findings.map(toIssue)));
  const links = roleLinks(report);
  const text = links.length === 0 ? noAnnotations : formatLinks('Roles with findings', links);
  if (annotations) await io.writePrivateFile(annotations, text);
}
