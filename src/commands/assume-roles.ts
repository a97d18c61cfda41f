import { AwsOidcError, type ExitCode, exitCodes, RuleError } from '../errors.ts';
import { defaultRetryLimits, type RetryLimits } from '../exchange/retry.ts';
import { parseRolePairs, type RolePair } from '../exchange/role-pairs.ts';
import { editProfile, profileSection, profileSettings } from '../hand-off/profile.ts';
import { quotePosix } from '../hand-off/quote.ts';
import { formatExpiration, type Session } from '../hand-off/session.ts';
import type { Io } from '../io.ts';
import type { JobLog, Row } from '../log/job-log.ts';
import { obtainSession, type SessionLog } from './obtain-session.ts';
import { reportFailure } from './report-failure.ts';
import { secretiveLog } from './session-input.ts';

type Outcome = PromiseSettledResult<Session>;

/**
 * Exchanges the ID token for a session of each role of `AWS_OIDC_ROLE_ARNS`, all at once, and hands all of
 * them on or none: profiles in the directory `AWS_OIDC_PROFILES`, and lines for the job's shell that point
 * to them.
 *
 * @returns the exit code; everything that went wrong is in the log by then
 */
export async function assumeRolesCommand(
  io: Io,
  limits: RetryLimits = defaultRetryLimits,
): Promise<ExitCode> {
  const log = secretiveLog(io, {});
  try {
    const pairs = readPairs(io);
    const files = filesOf(io);
    for (const file of Object.values(files)) await io.clearPrivateFile(file);
    const outcomes = await Promise.allSettled(pairs.map((pair) => obtain(io, pair, log, limits)));
    const rows = pairs.map(({ profile }, index): Row => [profile, summary(outcomes[index])]);
    log.section('aws_oidc_sessions', `AWS roles in ${pairs.length} profiles`, rows);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    if (failed.length > 0) {
      return Math.max(...failed.map(({ reason }) => reportFailure(log, reason))) as ExitCode;
    }
    const sessions = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    await handOn(io, files, pairs, sessions);
    log.done(`${pairs.length} profiles are ready; AWS_PROFILE is ${pairs[0]?.profile}.`);
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

function readPairs(io: Io): readonly RolePair[] {
  const value = io.env.AWS_OIDC_ROLE_ARNS ?? '';
  try {
    return parseRolePairs(value);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const problems = [{ name: 'role_arns', rule: error.message, value, hint: error.hint }];
    throw new AwsOidcError('INVALID_INPUT', 'One input is not right. Nothing was sent.', { problems });
  }
}

/** Without a section for each role: they stand in one table. */
async function obtain(io: Io, pair: RolePair, log: JobLog, limits: RetryLimits): Promise<Session> {
  const own: SessionLog = { section: () => {}, notice: (text) => log.notice(`${pair.profile}: ${text}`) };
  const { session } = await obtainSession(io, { inputs: { role_arn: pair.roleArn } }, own, limits);
  return session;
}

function summary(outcome: Outcome | undefined): string {
  if (outcome?.status !== 'fulfilled') return '✘ see below';
  return `✔ ${outcome.value.assumedRoleArn} until ${formatExpiration(outcome.value.expiration)}`;
}

function filesOf({ env }: Io) {
  const directory = env.AWS_OIDC_PROFILES || '.';
  return {
    credentials: `${directory}/credentials`,
    config: `${directory}/config`,
    environment: env.AWS_OIDC_OUTPUT || `${directory}/environment`,
  };
}

type Files = ReturnType<typeof filesOf>;

async function handOn(
  io: Io,
  files: Files,
  pairs: readonly RolePair[],
  sessions: readonly Session[],
): Promise<void> {
  let credentials = '';
  let config = '';
  for (const [index, session] of sessions.entries()) {
    const { profile = '' } = pairs[index] ?? {};
    credentials = editProfile(credentials, profile, profileSettings(session, false));
    config = editProfile(config, profileSection(profile, true), { region: session.region });
  }
  try {
    await io.writePrivateFile(files.credentials, credentials);
    await io.writePrivateFile(files.config, config);
    // last of all: it makes the others known
    await io.writePrivateFile(files.environment, environment(files, pairs[0]?.profile ?? ''));
  } catch (error) {
    for (const file of Object.values(files)) await io.clearPrivateFile(file).catch(() => {});
    throw error;
  }
}

function environment({ credentials, config }: Files, profile: string): string {
  const exported = {
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_CONFIG_FILE: config,
    AWS_PROFILE: profile,
  };
  const lines = Object.entries(exported).map(([name, value]) => `export ${name}=${quotePosix(value)}\n`);
  // keys in the environment win over every profile
  return `${lines.join('')}unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN\n`;
}
