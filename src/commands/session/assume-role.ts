import { AwsOidcError, type ExitCode, exitCodes } from '../../errors.ts';
import { formatAnnotations, formatRefusalAnnotations } from '../../hand-off/annotations.ts';
import { formatExpiration } from '../../hand-off/session.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import { printable } from '../../output/printable.ts';
import { redactingLog, secretsOf } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { noAnnotations } from '../../text/link-annotations.ts';
import { redacted } from '../../text/redacted.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { type DestinationFlags, destinationFor } from './destination.ts';
import { obtainSession } from './obtain-session.ts';

/**
 * Exchanges the ID token for credentials and hands them on, by default as a dotenv report.
 *
 * @returns the exit code; errors have been logged
 */
export async function assumeRoleCommand(
  io: Io,
  flags: SessionFlags & DestinationFlags = { inputs: {} },
  limits: RetryLimits = defaultRetryLimits,
): Promise<ExitCode> {
  const log = redactingLog(io, flags);
  const annotations = io.env.AWS_OIDC_ANNOTATIONS || undefined;
  try {
    const destination = destinationFor(io, flags);
    await destination.prepare();
    if (annotations !== undefined) await io.clearPrivateFile(annotations);

    const { session, options } = await obtainSession(io, flags, log, limits);
    const handOn = destination.format(session, options.envPrefix);
    if (annotations !== undefined) await io.writePrivateFile(annotations, formatAnnotations(session));
    // last: GitLab also collects the report of a failed job
    await handOn();
    log.done(`${session.assumedRoleArn} until ${formatExpiration(session.expiration)}, ${destination.name}`);
    return exitCodes.done;
  } catch (error) {
    // the runner warns about a missing report; one that cannot be written must not hide the error
    if (annotations !== undefined) {
      const text = failureAnnotations(error, secretsOf(io.env, flags));
      await io.writePrivateFile(annotations, text).catch(() => {});
    }
    return reportFailure(log, error);
  }
}

const maxReasonLength = 200;

function failureAnnotations(error: unknown, secrets: readonly string[]): string {
  if (!(error instanceof AwsOidcError) || error.code !== 'REFUSED') return noAnnotations;
  const reason = error.causes[0]?.summary ?? error.message;
  return formatRefusalAnnotations(printable(redacted(reason, secrets), maxReasonLength));
}
