import { formatCodeQuality } from '../../output/code-quality.ts';
import { jsonParts } from '../../output/json.ts';
import { formatSarif } from '../../output/sarif.ts';
import type { Io } from '../../system/io.ts';
import type { AuditFlags, AuditReport } from './audit-report.ts';
import type { AuditFinding, IdentifiedFinding } from './finding.ts';
import { reportJson } from './report-json.ts';
import { printReport } from './report-text.ts';

/** Writes the report in the chosen format. */
export async function writeReport(io: Io, report: AuditReport, flags: AuditFlags): Promise<void> {
  switch (flags.format) {
    case 'text':
      return await printReport(io, report, flags);
    case 'json':
      // in parts, because the report of many roles is larger than a string may be
      for (const part of jsonParts(reportJson(report))) await io.out(part);
      return;
    case 'sarif':
      return await io.out(toSarif(report, flags.version));
    case 'codequality':
      return await io.out(formatCodeQuality(report.findings.map(toIssue)));
  }
}

/** The file of a finding; for what was read from IAM, a path of its account and name. */
function pathOf({ origin, account, name }: AuditFinding): string {
  return origin?.file ?? `${account}/${name}`;
}

function messageOf({ kind, name, account, detail, reason, fix }: AuditFinding): string {
  return `${kind === 'role' ? 'Role' : 'Provider'} ${name} of account ${account}: ${detail}. ${reason} ${fix}`;
}

export function toIssue(finding: AuditFinding) {
  const { account, kind, name, detail, rule, severity, origin } = finding;
  return {
    path: pathOf(finding),
    line: origin?.place.line ?? 1,
    rule,
    severity,
    description: messageOf(finding),
    subject: [account, kind, name, detail].join('\n'),
  };
}

function toSarif({ findings, baseline, gone }: AuditReport, version: string): string {
  const current = findings.map((finding: IdentifiedFinding) => {
    const { rule, severity, reason, origin, fingerprint, account, name } = finding;
    return {
      rule,
      severity,
      reason,
      message: messageOf(finding),
      path: pathOf(finding),
      place: origin?.place,
      resource: `${account}/${name}`,
      fingerprint,
      state: baseline && (baseline.has(finding) ? ('unchanged' as const) : ('new' as const)),
    };
  });
  const absent = gone.map(({ rule, account, name, detail, fingerprint }) => {
    const where = `${account}/${name}`;
    const message = `${name} of account ${account}: ${detail}`;
    const common = { rule, message, path: where, resource: where, fingerprint, place: undefined };
    return { ...common, severity: 'info' as const, reason: '', state: 'absent' as const };
  });
  return formatSarif([...current, ...absent], version);
}
