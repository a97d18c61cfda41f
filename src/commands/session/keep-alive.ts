import { devNull } from 'node:os';
import { clientVariables } from '../../credentials-server/client-environment.ts';
import { hasDefaultCredentials } from '../../credentials-server/config-credentials.ts';
import {
  type CredentialsEndpoint,
  startCredentialsServer,
} from '../../credentials-server/credentials-server.ts';
import { RenewedSession } from '../../credentials-server/renewed-session.ts';
import { AwsOidcError, type Problem } from '../../errors.ts';
import { formatExpiration, type Session } from '../../hand-off/session.ts';
import { isoTime } from '../../identity/claims.ts';
import type { RetryLimits } from '../../network/retry.ts';
import { printable } from '../../output/printable.ts';
import { secretsOf } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { redacted } from '../../text/redacted.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { type ObtainedSession, obtainSession, type SessionLog } from './obtain-session.ts';

/** A session that is served and renewed. */
export interface KeptSession {
  readonly endpoint: CredentialsEndpoint;
  /** The newest session and the ID token have both expired: nothing can be served any more. */
  isOver(): boolean;
  stop(): void;
}

const renewalCheckMs = 1000;
const maxReasonLength = 500;

/**
 * Serves a session on this machine, and exchanges the ID token again before it expires, as long as the token lives.
 *
 * @param flags as for the first exchange; its inputs are read again for each renewal
 * @param notice is told of each renewal, and of each that failed
 */
export async function keepAlive(
  io: Io,
  flags: SessionFlags,
  first: ObtainedSession,
  limits: RetryLimits,
  notice: (text: string) => void = () => {},
): Promise<KeptSession> {
  let { options } = first;
  const tokenEndMs = () => (options.token.claims.exp ?? Number.POSITIVE_INFINITY) * 1000;
  const explain = (error: unknown) => {
    const { exp } = options.token.claims;
    const text = tokenEndMs() <= io.now().getTime() ? tokenExpired(exp ?? 0) : reasonOf(error);
    return printable(redacted(text, secretsOf(io.env, flags)), maxReasonLength);
  };
  const renew = async (): Promise<Session> => {
    try {
      const renewed = await obtainSession(io, flags, quiet, limits);
      options = renewed.options;
      notice(`The session was renewed: until ${formatExpiration(renewed.session.expiration)}.`);
      return renewed.session;
    } catch (error) {
      notice(`The session could not be renewed: ${explain(error)}`);
      throw error;
    }
  };
  const renewed = new RenewedSession(first.session, renew, io.now);
  const server = await startCredentialsServer({ current: () => renewed.current(), explain });
  const timer = setInterval(() => void renewed.renewIfDue(), renewalCheckMs).unref();
  return {
    endpoint: server.endpoint,
    isOver: () => Math.max(tokenEndMs(), renewed.expiration.getTime()) <= io.now().getTime(),
    stop: () => {
      clearInterval(timer);
      server.stop();
    },
  };
}

const quiet: SessionLog = { section: () => {}, notice: () => {} };

function tokenExpired(exp: number): string {
  return `The ID token expired at ${isoTime(exp) ?? 'an invalid time'}: raise the timeout of the job`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof AwsOidcError)) return 'An unexpected error: this is a bug in aws-oidc';
  const details = error.problems.map(({ name, rule }) => `"${name}" ${rule}`);
  return [error.message, ...details, error.causes[0]?.summary].filter(Boolean).join(' ');
}

/** The inputs that an endpoint cannot honor, if they are set. */
export function keepAliveProblems(inputs: Readonly<Record<string, string | undefined>>): readonly Problem[] {
  return Object.entries(inputs).flatMap(([name, value]) =>
    value && value.trim() !== '[]'
      ? [{ name, rule: 'must be empty if the session is kept alive', value, hint }]
      : [],
  );
}

const hint = 'SDKs know one endpoint, without a prefix and without profiles.';

/**
 * The variables for the programs that use the session. If the default profile of the config file has credentials,
 * which SDKs would use instead, the file is hidden from them, and a notice says so.
 */
export async function variablesFor(
  io: Io,
  { endpoint }: Pick<KeptSession, 'endpoint'>,
  session: Session,
  log: SessionLog,
): Promise<Readonly<Record<string, string>>> {
  const variables = clientVariables(endpoint, session, io.env, devNull);
  const home = io.env.HOME || io.env.USERPROFILE;
  const file = io.env.AWS_CONFIG_FILE || (home && `${home}/.aws/config`);
  const config = file ? await io.readText(file).catch(() => '') : '';
  if (!hasDefaultCredentials(config)) return variables;
  log.notice(
    `${file} is not used: SDKs would use the credentials of its default profile instead of the role.`,
  );
  return { ...variables, AWS_CONFIG_FILE: devNull };
}
