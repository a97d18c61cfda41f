import { competingVariables, variableNamed } from '../../environment-variables.ts';
import { AwsOidcError, type ExitCode, exitCodes } from '../../errors.ts';
import { formatExpiration, type Session } from '../../hand-off/session.ts';
import { formatShellVariables } from '../../hand-off/shell-variables.ts';
import { isoTime } from '../../identity/claims.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import type { JobLog } from '../../output/job-log.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import type { WatchedProcess } from '../../system/watched-process.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { optionsFrom } from '../input/session-input.ts';
import { keepAlive, keepAliveProblems, variablesFor } from './keep-alive.ts';
import { obtainSession } from './obtain-session.ts';

/** How the program starts itself again, and what it knows of the job's shell. */
export interface JobIo extends Io {
  /** Starts this program as a server; takes a message, returns the answer of `serveJob`. */
  readonly startServer: (message: string) => Promise<string>;
  /** A process as it is now. */
  readonly watched: (pid: number) => WatchedProcess;
  /** The process that started this one. */
  readonly parent: number;
}

/** What the server needs to know. */
interface Message {
  readonly session: Omit<Session, 'expiration'> & { readonly expiration: string };
  readonly shell: WatchedProcess;
}

/**
 * Exchanges the ID token, starts a server that keeps the session alive until the job's shell ends, and writes lines
 * for that shell which lead SDKs to it.
 *
 * @returns the exit code; errors have been logged
 */
export async function serveJobCommand(
  io: JobIo,
  limits: RetryLimits = defaultRetryLimits,
): Promise<ExitCode> {
  const log = redactingLog(io);
  try {
    checkInputs(io);
    const output = io.env.AWS_OIDC_OUTPUT || 'environment';
    await io.clearPrivateFile(output);
    const { session, options } = await obtainSession(io, { inputs: {} }, log, limits);
    const endpoint = await start(io, session);
    const variables = await variablesFor(io, { endpoint }, session, log);
    reportRemoved(io, log);
    await io.writePrivateFile(output, formatShellVariables(variables, competingVariables));
    const until = isoTime(options.token.claims.exp ?? Number.NaN) ?? 'the end of the job';
    const expires = formatExpiration(session.expiration);
    log.done(`${session.assumedRoleArn} until ${expires}, renewed until ${until}`);
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

function checkInputs({ env }: JobIo): void {
  const problems = keepAliveProblems({
    env_prefix: env.AWS_OIDC_ENV_PREFIX,
    role_arns: env.AWS_OIDC_ROLE_ARNS,
  });
  if (problems.length > 0) throw invalidInput(problems);
}

async function start(io: JobIo, session: Session) {
  const pid = /^[1-9]\d{0,9}$/.test(io.env.AWS_OIDC_SHELL_PID ?? '')
    ? Number(io.env.AWS_OIDC_SHELL_PID)
    : io.parent;
  const answer = await io.startServer(JSON.stringify({ session, shell: io.watched(pid) }));
  const { url, authorizationToken } = JSON.parse(answer) as Record<string, unknown>;
  if (typeof url === 'string' && typeof authorizationToken === 'string') return { url, authorizationToken };
  throw new AwsOidcError('HAND_OFF_FAILED', 'The process that serves the credentials did not start');
}

/** The shell removes these without a message. */
function reportRemoved({ env }: JobIo, log: JobLog): void {
  const found = competingVariables.filter(
    (name) => variableNamed(env, name) && !reportedByShell.includes(name),
  );
  if (found.length === 0) return;
  log.notice(`Removed from this job, because SDKs would use them instead of the role: ${found.join(', ')}`);
}

/** See src/templates/shell/exchange-in-this-shell.sh */
const reportedByShell = [
  'AWS_SECURITY_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
];

/** What the server uses of its surroundings. */
export interface ServerIo extends Io {
  readonly readStarter: () => Promise<string>;
  readonly answerStarter: (answer: string) => Promise<void>;
  readonly isRunning: (process: WatchedProcess) => boolean;
}

const watchMs = 1000;
/** For this long after the end of the ID token and of the session, the server tells clients why, in milliseconds. */
const explanationMs = 15 * 60_000;

/**
 * The server that `serveJobCommand` starts. It ends within about a second after the job's shell.
 */
export async function serveJob(io: ServerIo, limits: RetryLimits = defaultRetryLimits): Promise<void> {
  const { session, shell } = JSON.parse(await io.readStarter()) as Message;
  const flags = { inputs: {} };
  const first = {
    session: { ...session, expiration: new Date(session.expiration) },
    options: await optionsFrom(io, flags),
  };
  const kept = await keepAlive(io, flags, first, limits);
  await io.answerStarter(JSON.stringify(kept.endpoint));
  await new Promise<void>((resolve) => {
    let overSince: number | undefined;
    const timer = setInterval(() => {
      const now = io.now().getTime();
      overSince = kept.isOver() ? (overSince ?? now) : undefined;
      const isExplained = overSince !== undefined && now - overSince > explanationMs;
      if (io.isRunning(shell) && !isExplained) return;
      clearInterval(timer);
      resolve();
    }, watchMs);
  });
  kept.stop();
}
