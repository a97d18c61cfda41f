import { competingVariables, tokenVariables } from '../../environment-variables.ts';
import { formatExpiration, sessionVariables } from '../../hand-off/session.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import type { JobLog } from '../../output/job-log.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { keepAlive, keepAliveProblems, variablesFor } from './keep-alive.ts';
import { type ObtainedSession, obtainSession } from './obtain-session.ts';

/** What the command line can set for `exec`. */
export interface ExecFlags extends SessionFlags {
  /** Gives the command an endpoint whose credentials are renewed, instead of keys. */
  readonly keepAlive?: boolean;
}

/**
 * Exchanges the ID token and runs a command with the credentials in its environment only.
 *
 * @param command the command and its arguments
 * @returns the command's exit code, or that of `assume-role` if there are no credentials
 */
export async function execCommand(
  io: CommandLineIo,
  flags: ExecFlags,
  [command = '', ...args]: readonly string[],
  limits: RetryLimits = defaultRetryLimits,
): Promise<number> {
  const log = redactingLog(io, flags);
  try {
    if (flags.keepAlive) checkInputs(io, flags);
    const obtained = await obtainSession(io, flags, log, limits);
    const { variables, stop } = await handOn(io, flags, obtained, limits, log);
    const { assumedRoleArn, expiration } = obtained.session;
    log.done(`${assumedRoleArn} until ${formatExpiration(expiration)}, for ${command}`);
    const code = await io
      .runChild(command, args, { ...withoutCompetitors(io.env, flags), ...variables })
      .finally(stop);
    if (code === 126 || code === 127) log.failure(`"${command}" could not be run, or exited with ${code}`);
    return code;
  } catch (error) {
    return reportFailure(log, error);
  }
}

function checkInputs(io: CommandLineIo, { inputs, tokenFile, nameOf = (name) => name }: ExecFlags): void {
  const prefix = inputs.env_prefix ?? io.env.AWS_OIDC_ENV_PREFIX;
  const problems = keepAliveProblems({ env_prefix: prefix }).map((one) => ({
    ...one,
    name: nameOf(one.name),
  }));
  if (/^(-$|\/dev\/|\/proc\/)/.test(tokenFile ?? '')) {
    const hint = 'Each renewal reads it. Use a file, or --token-env.';
    problems.push({
      name: '--token-file',
      rule: 'must be a file that can be read again',
      value: tokenFile,
      hint,
    });
  }
  if (problems.length > 0) throw invalidInput(problems);
}

/** The variables for the command, and what to do when it has ended. */
async function handOn(
  io: CommandLineIo,
  flags: ExecFlags,
  obtained: ObtainedSession,
  limits: RetryLimits,
  log: JobLog,
) {
  const { session, options } = obtained;
  if (!flags.keepAlive) {
    return { variables: Object.fromEntries(sessionVariables(session, options.envPrefix)), stop: () => {} };
  }
  const kept = await keepAlive(io, flags, obtained, limits, (text) => log.notice(text));
  return { variables: await variablesFor(io, kept, session, log), stop: () => kept.stop() };
}

/** The environment without variables that compete with the session, and without the token. */
function withoutCompetitors(env: CommandLineIo['env'], { tokenEnv }: SessionFlags): CommandLineIo['env'] {
  const unwanted = new Set([...competingVariables, ...tokenVariables, tokenEnv]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !unwanted.has(name)));
}
