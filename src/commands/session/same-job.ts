import { competingVariables, variableNamed } from '../../environment-variables.ts';
import { AwsOidcError, type ExitCode, exitCodes, type Problem } from '../../errors.ts';
import { textFormats } from '../../hand-off/formats.ts';
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
import { existingDockerConfig, writeDockerConfig } from '../registry/docker-directory.ts';
import { logIn, type RequestedRegistry, readRegistries } from '../registry/log-in.ts';
import { keepAliveProblems, variablesFor } from './keep-alive.ts';
import { type ObtainedSession, obtainSession } from './obtain-session.ts';

/** How the program starts itself again, and what it knows of the job's shell. */
export interface JobIo extends Io {
  /** Starts this program as a server; takes a message, returns the answer of `serveJob`. */
  readonly startServer: (message: string) => Promise<string>;
  /** A process as it is now. */
  readonly watched: (pid: number) => WatchedProcess;
  /** The process that started this one. */
  readonly parent: number;
}

/**
 * Exchanges the ID token, and writes lines for the job's shell: with the credentials, or with the address of a server
 * that keeps the session alive until that shell ends, and with the place of a Docker configuration, if the job logs in
 * to registries.
 *
 * @returns the exit code; errors have been logged
 */
export async function sameJobCommand(io: JobIo, limits: RetryLimits = defaultRetryLimits): Promise<ExitCode> {
  const log = redactingLog(io);
  try {
    const registries = readRegistries(io.env.AWS_OIDC_ECR_REGISTRIES, registriesInput);
    checkInputs(io, registries);
    const directory = io.env.AWS_OIDC_PROFILES || '.';
    const output = io.env.AWS_OIDC_OUTPUT || `${directory}/environment`;
    await io.clearPrivateFile(output);
    const config = registries.length > 0 ? await existingDockerConfig(io) : {};
    const obtained = await obtainSession(io, { inputs: {} }, log, limits);
    // the tokens of the registries first: without them, no server is left behind
    const login =
      registries.length > 0 ? await logIn(io, obtained.session, registries, registriesInput) : undefined;
    const docker = login && (await writeDockerConfig(io, directory, config, login));
    const lines = await linesFor(io, obtained, log);
    await io.writePrivateFile(output, lines + (docker === undefined ? '' : formatShellVariables(docker)));
    if (login !== undefined) {
      log.done(
        `Logged in to ${[...login.auths.keys()].join(', ')} until ${formatExpiration(login.expiration)}`,
      );
    }
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

const registriesInput = 'ecr_registries';

const isKeptAlive = ({ env }: JobIo) => env.AWS_OIDC_KEEP_ALIVE === 'true';

function checkInputs(io: JobIo, registries: readonly RequestedRegistry[]): void {
  const { AWS_OIDC_ROLE_ARNS: roleArns, AWS_OIDC_ENV_PREFIX: prefix } = io.env;
  const problems: Problem[] = [];
  if (isKeptAlive(io)) problems.push(...keepAliveProblems({ env_prefix: prefix, role_arns: roleArns }));
  else if (registries.length > 0 && !['', '[]'].includes((roleArns ?? '').trim())) {
    const hint = 'Set role_arn to the role that logs in to the registries.';
    problems.push({ name: 'role_arns', rule: 'must be empty with ecr_registries', value: roleArns, hint });
  }
  if (problems.length > 0) throw invalidInput(problems);
}

/** The lines of the shell for the credentials. */
async function linesFor(io: JobIo, { session, options }: ObtainedSession, log: JobLog): Promise<string> {
  const expires = formatExpiration(session.expiration);
  if (!isKeptAlive(io)) {
    log.done(`${session.assumedRoleArn} until ${expires}`);
    return textFormats['bash-env'](session, options.envPrefix);
  }
  const endpoint = await start(io, session);
  const variables = await variablesFor(io, { endpoint }, session, log);
  reportRemoved(io, log);
  const until = isoTime(options.token.claims.exp ?? Number.NaN) ?? 'the end of the job';
  log.done(`${session.assumedRoleArn} until ${expires}, renewed until ${until}`);
  return formatShellVariables(variables, competingVariables);
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
  'AWS_WEB_IDENTITY_TOKEN_FILE',
];
