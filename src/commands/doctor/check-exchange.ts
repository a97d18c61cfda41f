import { AwsOidcError } from '../../errors.ts';
import { formatExpiration } from '../../hand-off/session.ts';
import { type Check, failed, passed, unknown } from '../../issuer/check.ts';
import type { RetryLimits } from '../../network/retry.ts';
import type { Io } from '../../system/io.ts';
import { documentationUrl } from '../../text/documentation.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { obtainSession } from '../session/obtain-session.ts';

const [id, title] = ['exchange', 'exchange'];

/** Tries the exchange and explains a failure; the credentials are discarded. */
export async function checkExchange(
  io: Io,
  flags: SessionFlags,
  limits: RetryLimits,
): Promise<readonly Check[]> {
  const notices: Check[] = [];
  const log = {
    section: () => {},
    notice: (text: string) => notices.push(unknown('notice', 'notice', text)),
  };
  try {
    const { session } = await obtainSession(io, flags, log, limits);
    const detail = `STS returned a session of ${session.assumedRoleArn}, valid until ${formatExpiration(session.expiration)}.`;
    return [...notices, passed(id, title, detail)];
  } catch (error) {
    if (!(error instanceof AwsOidcError)) throw error;
    if (error.code === 'INVALID_INPUT') {
      return [unknown(id, title, 'Not tried, because the input is invalid. Nothing was sent.')];
    }
    return [...notices, ...failedExchange(error)];
  }
}

/** The failure, followed by its causes. */
function failedExchange({ message, causes, hint }: AwsOidcError): readonly Check[] {
  const remedy =
    causes.length > 0
      ? 'The causes, most likely first:'
      : (hint ?? `See ${documentationUrl}/troubleshooting.md`);
  return [
    failed(id, title, message, remedy),
    ...causes.map(({ id: cause, summary, evidence, remedy: fix }) =>
      failed(`cause-${cause}`, 'cause', `${summary} ${evidence}`, fix),
    ),
  ];
}
