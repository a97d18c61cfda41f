import { AwsOidcError } from '../../errors.ts';
import type { RetryLimits } from '../../exchange/retry.ts';
import { formatExpiration } from '../../hand-off/session.ts';
import { type Check, failed, passed, unknown } from '../../issuer/check.ts';
import type { Io } from '../../system/io.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { obtainSession } from '../session/obtain-session.ts';

const [id, title] = ['exchange', 'exchange'];

/** The exchange itself, and its explanation. The credentials are thrown away. */
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
    const until = formatExpiration(session.expiration);
    return [
      ...notices,
      passed(id, title, `STS gives a session of ${session.assumedRoleArn} until ${until}.`),
    ];
  } catch (error) {
    if (!(error instanceof AwsOidcError)) throw error;
    if (error.code === 'INVALID_INPUT') {
      return [unknown(id, title, 'Not tried: the input is not right, nothing was sent.')];
    }
    const [first] = error.causes;
    const hint = error.hint ?? 'See docs/troubleshooting.md.';
    const refused = failed(
      id,
      title,
      error.message,
      first === undefined ? hint : 'The causes, the likeliest first:',
    );
    const causes = error.causes.map(({ id: cause, summary, evidence, remedy }) =>
      failed(`cause-${cause}`, 'cause', `${summary} ${evidence}`, remedy),
    );
    return [...notices, refused, ...causes];
  }
}
