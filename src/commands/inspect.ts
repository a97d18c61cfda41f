import { type ExitCode, exitCodes } from '../errors.ts';
import type { DecodedToken } from '../exchange/id-token.ts';
import { mappedClaimsOf } from '../identity/claim-condition-keys.ts';
import { isoTime, safeClaims, textClaim } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';
import { describeSubject } from '../identity/subject.ts';
import { reportFailure } from '../output/failure.ts';
import type { Row } from '../output/job-log.ts';
import { formatJson } from '../output/json.ts';
import { redactingLog, redactingReport, secretsOf } from '../output/redacting-log.ts';
import type { Io } from '../system/io.ts';
import { readToken } from './input/claims.ts';
import type { TokenFlags } from './input/session-input.ts';

/** The parts of a token that can be shown; the output of `--format json`. */
interface Inspection {
  readonly header: Readonly<Record<string, string>>;
  readonly claims: Readonly<Record<string, string>>;
  /** `sub` in words. */
  readonly subject: string;
  readonly issuedAt: string | undefined;
  readonly expiresAt: string | undefined;
  /** Negative for an expired token. */
  readonly secondsLeft: number | undefined;
  /** A condition block that matches this token. */
  readonly condition: { readonly StringEquals: Readonly<Record<string, string>> };
}

/** Prints the content of the token, but never its signature or claims about a person. */
export async function inspectCommand(
  io: Io,
  flags: TokenFlags & { format: 'text' | 'json' },
): Promise<ExitCode> {
  const log = redactingLog(io, flags);
  try {
    const inspection = inspect(await readToken(io, flags), io.now());
    if (flags.format === 'json') await io.out(formatJson(inspection, secretsOf(io.env, flags)));
    else print(io, flags, inspection);
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

function inspect({ header, claims }: DecodedToken, now: Date): Inspection {
  const shown = safeClaims(claims);
  const provider = providerName(textClaim(claims, 'iss') ?? '');
  const mapped = shown.filter(([name]) => mappedClaimsOf(provider).includes(name));
  const secondsLeft =
    typeof claims.exp === 'number' ? Math.floor(claims.exp - now.getTime() / 1000) : undefined;
  const headerRows = (['alg', 'kid', 'typ'] as const).flatMap((name) => {
    const value = header[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    header: Object.fromEntries(headerRows),
    claims: Object.fromEntries(shown),
    subject: describeSubject(textClaim(claims, 'sub') ?? ''),
    issuedAt: isoTime(claims.iat),
    expiresAt: isoTime(claims.exp),
    secondsLeft,
    condition: {
      StringEquals: Object.fromEntries(mapped.map(([name, value]) => [`${provider}:${name}`, value])),
    },
  };
}

function print(io: Io, flags: TokenFlags, inspection: Inspection): void {
  const report = redactingReport(io, flags);
  const { header, claims, subject, issuedAt, expiresAt, secondsLeft, condition } = inspection;
  report.title('Header');
  report.table(Object.entries(header));
  report.title('Claims');
  report.table(Object.entries(claims));
  report.title('Summary');
  const rows: Row[] = [
    ['sub', subject],
    ['issued', issuedAt ?? 'unknown'],
    ['expires', expiresAt === undefined ? 'unknown' : `${expiresAt}, ${lifeLeft(secondsLeft ?? 0)}`],
  ];
  report.table(rows);
  report.title('Trust policy conditions that match this token');
  for (const line of JSON.stringify(condition, null, 2).split('\n')) report.detail(line);
}

function lifeLeft(seconds: number): string {
  const whole = Math.abs(seconds);
  const text = whole < 120 ? `${whole} seconds` : `${Math.floor(whole / 60)} minutes`;
  return seconds < 0 ? `${text} ago` : `${text} left`;
}
