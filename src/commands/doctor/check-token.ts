import { RuleError } from '../../errors.ts';
import { parseIdToken } from '../../exchange/id-token.ts';
import { isoTime } from '../../identity/claims.ts';
import { describeSubject } from '../../identity/subject.ts';
import { type Check, failed, passed } from '../../issuer/check.ts';
import type { Io } from '../../system/io.ts';
import { type SessionFlags, tokenFrom } from '../input/session-input.ts';

/** GitLab's tokens are valid from 5 s before they are issued; larger clock differences are tolerated, too. */
const clockToleranceSeconds = 60;

/** Checks that there is a valid ID token, and that this machine's clock is within its validity. */
export async function checkToken(io: Io, flags: SessionFlags): Promise<readonly Check[]> {
  const { name, text, missing } = await tokenFrom(io, flags);
  if (!text) return [failed('token', 'ID token', `${name} is empty.`, missing)];
  try {
    const { claims } = parseIdToken(text, io.env.CI_JOB_TOKEN, io.now());
    const whose = describeSubject(String(claims.sub ?? ''));
    return [
      passed(
        'token',
        'ID token',
        `${name} is for ${whose}, valid until ${isoTime(claims.exp) ?? 'an unknown time'}.`,
      ),
      checkClock(claims.nbf ?? claims.iat, io.now()),
    ];
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return [failed('token', 'ID token', `${name} ${error.message}.`, error.hint ?? missing)];
  }
}

function checkClock(validFrom: number | undefined, now: Date): Check {
  const early = (validFrom ?? 0) - now.getTime() / 1000;
  if (early <= clockToleranceSeconds) {
    return passed(
      'clock',
      'clock',
      `This machine's clock says ${now.toISOString()}, within the token's validity.`,
    );
  }
  const detail = `The token is valid from ${isoTime(validFrom) ?? 'an unknown time'}, but this machine's clock says ${now.toISOString()}.`;
  return failed(
    'clock',
    'clock',
    detail,
    'Synchronize the clocks of the runner and the GitLab server with NTP.',
  );
}
