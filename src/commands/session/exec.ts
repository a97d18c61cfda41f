import { competingVariables, tokenVariables } from '../../environment-variables.ts';
import { formatExpiration, sessionVariables } from '../../hand-off/session.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { obtainSession } from './obtain-session.ts';

/**
 * Exchanges the ID token and runs a command with the credentials in its environment only.
 *
 * @param command the command and its arguments
 * @returns the command's exit code, or that of `assume-role` if there are no credentials
 */
export async function execCommand(
  io: CommandLineIo,
  flags: SessionFlags,
  [command = '', ...args]: readonly string[],
  limits: RetryLimits = defaultRetryLimits,
): Promise<number> {
  const log = redactingLog(io, flags);
  try {
    const { session, options } = await obtainSession(io, flags, log, limits);
    const variables = Object.fromEntries(sessionVariables(session, options.envPrefix));
    log.done(`${session.assumedRoleArn} until ${formatExpiration(session.expiration)}, for ${command}`);
    const code = await io.runChild(command, args, { ...withoutCompetitors(io.env, flags), ...variables });
    if (code === 126 || code === 127) log.failure(`"${command}" could not be run, or exited with ${code}`);
    return code;
  } catch (error) {
    return reportFailure(log, error);
  }
}

/** The environment without variables that compete with the session, and without the token. */
function withoutCompetitors(env: CommandLineIo['env'], { tokenEnv }: SessionFlags): CommandLineIo['env'] {
  const unwanted = new Set([...competingVariables, ...tokenVariables, tokenEnv]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !unwanted.has(name)));
}
