import { RuleError } from '../../errors.ts';
import { parseIdToken } from '../../exchange/id-token.ts';
import { isoTime } from '../../identity/claims.ts';
import { describeSubject } from '../../identity/subject.ts';
import { type Check, failed, passed } from '../../issuer/check.ts';
import type { Io } from '../../system/io.ts';
import { type SessionFlags, tokenFrom } from '../input/session-input.ts';

/** GitLab makes tokens valid from five seconds before they are made. */
const clockToleranceSeconds = 60;

/** Is there a token that may be sent, and does this machine's clock fit it? */
export async function checkToken(io: Io, flags: SessionFlags): Promise<readonly Check[]> {
  const { name, text, missing } = await tokenFrom(io, flags);
  if (!text) return [failed('token', 'ID token', `${name} is empty.`, missing)];
  try {
    const { claims } = parseIdToken(text, io.env.CI_JOB_TOKEN, io.now());
    const whose = describeSubject(String(claims.sub ?? ''));
    return [
      passed('token', 'ID token', `${name} is for ${whose}, until ${isoTime(claims.exp) ?? untold}.`),
      checkClock(claims.nbf ?? claims.iat, io.now()),
    ];
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return [failed('token', 'ID token', `${name} ${error.message}.`, error.hint ?? missing)];
  }
}

const untold = 'a time that it does not tell';

function checkClock(validFrom: number | undefined, now: Date): Check {
  const early = (validFrom ?? 0) - now.getTime() / 1000;
  if (early <= clockToleranceSeconds) {
    return passed('clock', 'clock', `This machine says ${now.toISOString()}, within the token's life.`);
  }
  const detail = `The token is valid from ${isoTime(validFrom) ?? untold}, this machine says ${now.toISOString()}.`;
  return failed('clock', 'clock', detail, 'Set the clocks of the runner and of the GitLab server by NTP.');
}
