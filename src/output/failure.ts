import { AwsOidcError, type Cause, type ExitCode, exitCodes, type Problem } from '../errors.ts';
import type { JobLog } from './job-log.ts';

/**
 * Prints why a command failed, and returns its exit code.
 *
 * An unexpected error is a bug in this program. Its message may contain anything, so only its type and
 * the stack locations are printed.
 */
export function reportFailure(log: JobLog, error: unknown): ExitCode {
  if (!(error instanceof AwsOidcError)) {
    log.failure(`This is a bug in aws-oidc: ${error instanceof Error ? error.name : typeof error}`);
    for (const frame of framesOf(error)) log.detail(frame);
    log.detail('Please report it with the lines above; they contain no secret.');
    return exitCodes.failed;
  }
  log.failure(error.message);
  for (const line of error.lines) log.detail(line);
  for (const problem of error.problems) reportProblem(log, problem);
  reportCauses(log, error.causes);
  if (error.hint !== undefined) log.detail(error.hint);
  return error.exitCode;
}

/** Prints the causes, most likely first. They are numbered, because they are guesses in an order. */
export function reportCauses(log: JobLog, causes: readonly Cause[]): void {
  if (causes.length > 1) log.detail('Possible causes, most likely first:');
  for (const [index, { summary, evidence, remedy, difference }] of causes.entries()) {
    log.detail(causes.length === 1 ? summary : `${index + 1}. ${summary}`);
    log.detail(`   ${evidence}`);
    if (difference !== undefined) reportDifference(log, difference);
    log.detail(`   → ${remedy}`);
  }
}

/** Prints both texts, with a mark below the first character that differs. */
function reportDifference(log: JobLog, { token, policy }: NonNullable<Cause['difference']>): void {
  const [one, two] = [Array.from(token), Array.from(policy)];
  const same = one.findIndex((character, index) => character !== two[index]);
  const at = same < 0 ? Math.min(one.length, two.length) : same;
  log.detail(`     token   ${token}`);
  log.detail(`     policy  ${policy}`);
  log.detail(`             ${' '.repeat(at)}^`);
}

function reportProblem(log: JobLog, { name, rule, value, hint }: Problem): void {
  log.detail(`"${name}" ${rule}`);
  if (value) log.detail(`  found: ${value}`);
  if (hint !== undefined) log.detail(`  ${hint}`);
}

function framesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  // the stack begins with the message, which may contain lines that look like stack frames
  const places = (error.stack ?? '').replace(error.message, '').split('\n');
  return places.map((line) => line.trim()).filter((line) => /^at .*\d+:\d+\)?$/.test(line));
}
