import { type ExitCode, exitCodes, RuleError } from '../../errors.ts';
import { parseRolePairs, type RolePair } from '../../exchange/role-pairs.ts';
import { formatProfiles } from '../../hand-off/profiles.ts';
import { formatExpiration, type Session } from '../../hand-off/session.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import type { JobLog, Row } from '../../output/job-log.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { obtainSession, type SessionLog } from './obtain-session.ts';

type Outcome = PromiseSettledResult<Session>;

/**
 * Exchanges the ID token for a session of each role in `AWS_OIDC_ROLE_ARNS`, in parallel, and hands on all of
 * them or none: as profiles in the directory `AWS_OIDC_PROFILES`, with lines for the job's shell that point to
 * them.
 *
 * @returns the exit code; errors have been logged
 */
export async function assumeRolesCommand(
  io: Io,
  limits: RetryLimits = defaultRetryLimits,
): Promise<ExitCode> {
  const log = redactingLog(io);
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
    throw invalidInput([{ name: 'role_arns', rule: error.message, value, hint: error.hint }]);
  }
}

/** Without a section for each role: one table lists them. */
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
  const named = sessions.map((session, index) => [pairs[index]?.profile ?? '', session] as const);
  const texts = formatProfiles(named, files);
  try {
    await io.writePrivateFile(files.credentials, texts.credentials);
    await io.writePrivateFile(files.config, texts.config);
    // last: it points to the others
    await io.writePrivateFile(files.environment, texts.environment);
  } catch (error) {
    for (const file of Object.values(files)) await io.clearPrivateFile(file).catch(() => {});
    throw error;
  }
}
