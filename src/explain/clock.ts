import type { Cause } from '../errors.ts';
import { isoTime } from '../identity/claims.ts';
import type { Situation } from './situation.ts';

/** GitLab's tokens live this long where the job has no timeout. */
const shortLifeSeconds = 300;

/** Why STS calls a token expired. */
export function expiryCauses({ claims, now }: Situation): readonly Cause[] {
  const [issued, expires] = [claims.iat, claims.exp].map(Number);
  const seconds = Math.floor(now.getTime() / 1000);
  const times = `It was valid from ${iso(issued)} to ${iso(expires)}; this machine's clock says ${iso(seconds)}.`;
  const clock: Cause = {
    id: 'clock',
    summary: 'A clock is wrong: on this machine the token is still valid.',
    evidence: times,
    remedy: 'Set the clocks of the runner and of the GitLab server by NTP, then run the job again.',
  };
  const life = Number(expires) - Number(issued);
  const late: Cause = {
    id: 'token-expired',
    summary: 'The token expired before it was exchanged.',
    evidence: `${times} It lived ${Number.isFinite(life) ? `${life} seconds` : 'for a time that it does not tell'}.`,
    remedy:
      life <= shortLifeSeconds
        ? "The token lives as long as the job's timeout: make that longer, and exchange the token early in the job."
        : 'Exchange the token early in the job; a job that outlives it must be run again.',
  };
  return Number(expires) > seconds ? [clock, late] : [late, clock];
}

/** STS and the issuer may differ by a little. */
const toleranceSeconds = 60;

/** A token that begins to be valid later than now. */
export function notYetValid({ claims, now }: Situation): readonly Cause[] {
  const from = Math.max(Number(claims.nbf ?? 0), Number(claims.iat ?? 0));
  const seconds = Math.floor(now.getTime() / 1000);
  if (!(from > seconds + toleranceSeconds)) return [];
  return [
    {
      id: 'token-not-yet-valid',
      summary: "The token is not yet valid: the issuer's clock is ahead.",
      evidence: `It is valid from ${iso(from)}; this machine's clock says ${iso(seconds)}.`,
      remedy: 'Set the clocks of the GitLab server and of the runner by NTP, then run the job again.',
    },
  ];
}

function iso(seconds: number | undefined): string {
  return isoTime(seconds)?.replace('.000Z', 'Z') ?? 'an unknown time';
}
