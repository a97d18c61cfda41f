import { type ExitCode, exitCodes } from '../../errors.ts';
import type { Check } from '../../issuer/check.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import type { JobLog } from '../../output/job-log.ts';
import { formatJson } from '../../output/json.ts';
import { redactingLog, redactingReport, secretsOf } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { checkEnvironment } from './check-environment.ts';
import { checkExchange } from './check-exchange.ts';
import { checkIssuer } from './check-issuer.ts';
import { checkToken } from './check-token.ts';

/** The limit of what this machine can check. */
const otherView =
  'STS reaches the issuer over the internet, not from this machine: what is reachable and trusted there may differ.';

/**
 * Checks the prerequisites of an exchange in order (token, issuer, certificates, STS), then tries an exchange.
 *
 * @returns 1 if a check failed
 */
export async function doctorCommand(
  io: Io,
  flags: SessionFlags & { readonly format: 'text' | 'json' },
  limits: RetryLimits = defaultRetryLimits,
): Promise<ExitCode> {
  const report = redactingReport(io, flags);
  const checks: Check[] = [];
  const groups = [checkToken, checkIssuer, checkEnvironment, checkExchange];
  try {
    for (const group of groups) {
      const found = await group(io, flags, limits);
      checks.push(...found);
      // printed after each group, because an issuer that does not respond takes some seconds
      if (flags.format === 'text') for (const check of found) print(report, check);
    }
    if (flags.format === 'json')
      await io.out(formatJson({ checks, note: otherView }, secretsOf(io.env, flags)));
    else printSummary(report, checks);
    return checks.some(({ status }) => status === 'failed') ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    return reportFailure(redactingLog(io, flags), error);
  }
}

function print(report: JobLog, { title, status, detail, remedy }: Check): void {
  const line = `${title}: ${detail}`;
  if (status === 'passed') report.done(line);
  else if (status === 'failed') report.failure(line);
  else report.unknown(line);
  if (remedy !== undefined) report.detail(`→ ${remedy}`);
}

function printSummary(report: JobLog, checks: readonly Check[]): void {
  const count = (wanted: Check['status']) => checks.filter(({ status }) => status === wanted).length;
  report.title(`${count('passed')} passed, ${count('failed')} failed, ${count('unknown')} unknown.`);
  report.detail(otherView);
}
