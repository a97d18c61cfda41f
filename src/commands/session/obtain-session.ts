import { type Assumed, assumeRole } from '../../exchange/assume-role.ts';
import type { Options } from '../../exchange/options.ts';
import { createSts, stsUrl } from '../../exchange/sts.ts';
import { StsError } from '../../exchange/sts-error.ts';
import { formatExpiration, type Session } from '../../hand-off/session.ts';
import { claimAsText, safeClaims } from '../../identity/claims.ts';
import type { RetryLimits } from '../../network/retry.ts';
import { type Agents, agentsFor } from '../../network/transport.ts';
import type { JobLog, Row } from '../../output/job-log.ts';
import type { Io } from '../../system/io.ts';
import { optionsFrom, readBundle, type SessionFlags } from '../input/session-input.ts';
import { explainedFailure } from './explained-failure.ts';

/** A session and the options that it was requested with. */
export interface ObtainedSession {
  readonly session: Session;
  readonly options: Options;
}

/** What an exchange reports while it runs. */
export type SessionLog = Pick<JobLog, 'section' | 'notice'>;

/**
 * Checks the input, exchanges the token and logs what happened.
 *
 * @throws {AwsOidcError} if the user can act on what went wrong
 */
export async function obtainSession(
  io: Io,
  flags: SessionFlags,
  log: SessionLog,
  limits: RetryLimits,
): Promise<ObtainedSession> {
  const options = await optionsFrom(io, flags);
  const agents = await agentsFor(stsUrl(options), await readBundle(io));
  reportNotices(log, options, agents, io);
  const session = await exchange(options, agents, log, limits, io);
  reportSession(log, options, session);
  return { session, options };
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
        log.notice(`Attempt ${attempt} failed, retrying in ${pause}: ${error.code}: ${error.message}`);
      },
    );
    return sessionOf(assumed, options);
  } catch (error) {
    if (!(error instanceof StsError)) throw error;
    log.section('aws_oidc_token', 'ID token', [...tokenRows(options), ...endpointRow(options)]);
    throw explainedFailure(error, options, io);
  }
}

function sessionOf({ credentials, assumedRoleArn, account }: Assumed, { region }: Options): Session {
  return { ...credentials, assumedRoleArn, account, region };
}

/** Logs settings that work but may not be intended. */
function reportNotices(log: SessionLog, options: Options, agents: Agents, io: Io): void {
  const { endpoint, audience, token, originalSessionName, sessionName } = options;
  const { sessionTags, sourceIdentity = [] } = options;
  if (originalSessionName !== undefined) {
    log.notice(`The session name "${originalSessionName}" was changed to "${sessionName}".`);
  }
  for (const { name, value } of [sessionTags, sourceIdentity].flat()) {
    // not the value: it may be personal
    if (value !== claimAsText(token.claims, name)) {
      log.notice(`The claim "${name}" was changed or cut to what STS accepts.`);
    }
  }
  if (audience !== undefined && !token.audiences.includes(audience)) {
    log.notice(`The audience of the token is "${token.audiences.join('", "')}", not "${audience}".`);
  }
  // requests to this machine may still go through a proxy, which can read them
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(endpoint?.hostname ?? '') && !agents.httpAgent;
  if (endpoint?.protocol === 'http:' && !isHere) {
    log.notice(`The connection to ${endpoint.host} does not use TLS: the token can be read on the way.`);
  }
  if (io.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    log.notice('NODE_TLS_REJECT_UNAUTHORIZED is ignored. For a private CA, set AWS_CA_BUNDLE.');
  }
  if (io.env.CI_DEBUG_TRACE === 'true') {
    log.notice('CI_DEBUG_TRACE is on: GitLab prints the variables of jobs that use these credentials.');
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
    ...tagRows(options),
    ['Expires', formatExpiration(session.expiration)],
    ...endpointRow(options),
    ...tokenRows(options),
  ];
  log.section('aws_oidc_session', `AWS role ${last.name} in account ${session.account}`, rows);
}

/** Without values, which may be personal. */
function tagRows({ sessionTags }: Options): readonly Row[] {
  return sessionTags.length === 0 ? [] : [['Tags', sessionTags.map(({ name }) => name).join(', ')]];
}

/** Shown because the token was sent to this server. */
function endpointRow({ endpoint }: Options): readonly Row[] {
  return endpoint === undefined ? [] : [['Endpoint', endpoint.href]];
}

function tokenRows({ token }: Options): readonly Row[] {
  return safeClaims(token.claims).map(([name, value]) => [`token ${name}`, value]);
}
