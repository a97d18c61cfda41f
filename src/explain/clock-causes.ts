import type { Cause } from '../errors.ts';
import { isoTime } from '../identity/claims.ts';
import type { Situation } from './situation.ts';

/** The lifetime of GitLab's ID tokens in a job without a timeout. */
const shortLifeSeconds = 300;

/** Explains why STS reports an expired token. */
export function expiryCauses({ claims, now }: Situation): readonly Cause[] {
  const [issued, expires] = [claims.iat, claims.exp].map(Number);
  const seconds = Math.floor(now.getTime() / 1000);
  const times = `It was valid from ${iso(issued)} to ${iso(expires)}; this machine's clock says ${iso(seconds)}.`;
  const clock: Cause = {
    id: 'clock',
    summary: "A clock is wrong: by this machine's clock, the token is still valid.",
    evidence: times,
    remedy: synchronize,
  };
  const life = Number(expires) - Number(issued);
  const late: Cause = {
    id: 'token-expired',
    summary: 'The token expired before it was exchanged.',
    evidence: `${times} Its lifetime is ${Number.isFinite(life) ? `${life} seconds` : 'unknown'}.`,
    remedy:
      life <= shortLifeSeconds
        ? "The token is valid for the job's timeout: increase it, and exchange the token early in the job."
        : 'Exchange the token early in the job. If it has expired, run the job again.',
  };
  return Number(expires) > seconds ? [clock, late] : [late, clock];
}

const synchronize =
  'Synchronize the clocks of the runner and the GitLab server with NTP, then run the job again.';

/** Clock differences up to this are tolerated. */
const toleranceSeconds = 60;

/** Explains a token whose validity begins in the future. */
export function notYetValid({ claims, now }: Situation): readonly Cause[] {
  const from = Math.max(Number(claims.nbf ?? 0), Number(claims.iat ?? 0));
  const seconds = Math.floor(now.getTime() / 1000);
  if (!(from > seconds + toleranceSeconds)) return [];
  return [
    {
      id: 'token-not-yet-valid',
      summary: "The token is not yet valid: the issuer's clock is ahead.",
      evidence: `It is valid from ${iso(from)}; this machine's clock says ${iso(seconds)}.`,
      remedy: synchronize,
    },
  ];
}

function iso(seconds: number | undefined): string {
  return isoTime(seconds)?.replace('.000Z', 'Z') ?? 'an unknown time';
}
