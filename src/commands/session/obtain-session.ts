import { RuleError } from '../../errors.ts';
import { type Assumed, assumeRole } from '../../exchange/assume-role.ts';
import type { Options } from '../../exchange/options.ts';
import type { RetryLimits } from '../../exchange/retry.ts';
import { createSts, stsUrl } from '../../exchange/sts.ts';
import { StsError } from '../../exchange/sts-error.ts';
import { type Agents, createAgents } from '../../exchange/transport.ts';
import { formatExpiration, type Session } from '../../hand-off/session.ts';
import { safeClaims } from '../../identity/claims.ts';
import type { JobLog, Row } from '../../output/job-log.ts';
import type { Io } from '../../system/io.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { optionsFrom, readBundle, type SessionFlags } from '../input/session-input.ts';
import { explainedFailure } from './explained-failure.ts';

/** A session and what it was asked for with. */
export interface ObtainedSession {
  readonly session: Session;
  readonly options: Options;
}

/** What an exchange says while it goes on. */
export type SessionLog = Pick<JobLog, 'section' | 'notice'>;

/**
 * Checks the input, exchanges the token, and says in the log what happened.
 *
 * @throws {AwsOidcError} for everything that the user can act on
 */
export async function obtainSession(
  io: Io,
  flags: SessionFlags,
  log: SessionLog,
  limits: RetryLimits,
): Promise<ObtainedSession> {
  const options = await optionsFrom(io, flags);
  const agents = await agentsFor(options, io);
  reportNotices(log, options, agents, io);
  const session = await exchange(options, agents, log, limits, io);
  reportSession(log, options, session);
  return { session, options };
}

async function agentsFor(options: Options, io: Io): Promise<Agents> {
  const url = stsUrl(options);
  try {
    return await createAgents(url, await readBundle(io));
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
    throw invalidInput([{ name, rule: error.message, hint: error.hint }]);
  }
}

async function exchange(
  options: Options,
  agents: Agents,
  log: SessionLog,
  limits: RetryLimits,
  io: Io,
): Promise<Session> {
  try {
    const assumed = await assumeRole(
      options,
      createSts(options, agents),
      limits,
      (error, attempt, pauseMs) => {
        const pause = `${(pauseMs / 1000).toFixed(1)} s`;
        log.notice(
          `Attempt ${attempt} failed, the next one follows in ${pause}: ${error.code}: ${error.message}`,
        );
      },
    );
    return sessionOf(assumed, options);
  } catch (error) {
    if (!(error instanceof StsError)) throw error;
    log.section('aws_oidc_token', 'What the ID token says', [...tokenRows(options), ...endpointRow(options)]);
    throw explainedFailure(error, options, io);
  }
}

function sessionOf({ credentials, assumedRoleArn, account }: Assumed, { region }: Options): Session {
  return { ...credentials, assumedRoleArn, account, region };
}

/** Things that work, but may not be what the user wants. */
function reportNotices(log: SessionLog, options: Options, agents: Agents, io: Io): void {
  const { endpoint, audience, token, originalSessionName, sessionName } = options;
  if (originalSessionName !== undefined) {
    log.notice(
      `The session name "${originalSessionName}" was changed to "${sessionName}", to what STS takes.`,
    );
  }
  if (audience !== undefined && !token.audiences.includes(audience)) {
    log.notice(
      `The token is for "${token.audiences.join('", "')}", not for the audience "${audience}" that was asked for.`,
    );
  }
  // a proxy gets to see what goes to this very machine, too
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(endpoint?.hostname ?? '') && !agents.httpAgent;
  if (endpoint?.protocol === 'http:' && !isHere) {
    log.notice(`${endpoint.host} is not asked through TLS: whoever is in between can read the token.`);
  }
  if (io.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    log.notice('NODE_TLS_REJECT_UNAUTHORIZED is ignored. Name a private CA in AWS_CA_BUNDLE instead.');
  }
  if (io.env.CI_DEBUG_TRACE === 'true') {
    log.notice('CI_DEBUG_TRACE is on: GitLab prints the variables of the jobs that use these credentials.');
  }
}

function reportSession(log: SessionLog, options: Options, session: Session): void {
  const last = options.chain.at(-1) ?? options.role;
  const rows: Row[] = [
    ['Role', options.role.arn],
    ...options.chain.map(({ arn }): Row => ['then', arn]),
    ['Account', session.account],
    ['Region', session.region],
    ['Session', options.sessionName],
    ['Expires', formatExpiration(session.expiration)],
    ...endpointRow(options),
    ...tokenRows(options),
  ];
  log.section('aws_oidc_session', `AWS role ${last.name} in account ${session.account}`, rows);
}

/** Whoever is there has seen the token. */
function endpointRow({ endpoint }: Options): readonly Row[] {
  return endpoint === undefined ? [] : [['Endpoint', endpoint.href]];
}

function tokenRows({ token }: Options): readonly Row[] {
  return safeClaims(token.claims).map(([name, value]) => [`token ${name}`, value]);
}
