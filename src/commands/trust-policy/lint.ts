import { type ExitCode, exitCodes } from '../../errors.ts';
import { formatCodeQuality } from '../../output/code-quality.ts';
import { reportFailure } from '../../output/failure.ts';
import { JobLog } from '../../output/job-log.ts';
import { formatJson } from '../../output/json.ts';
import { redactingReport } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { type Finding, isAtLeast, lint } from '../../trust-policy/lint.ts';
import { type Severity, severities } from '../../trust-policy/rule.ts';
import { readPolicies } from './policy-files.ts';

export interface LintFlags {
  readonly format: 'text' | 'json' | 'codequality';
  readonly failOn: Severity;
}

type FileFinding = readonly [file: string, Finding];

/**
 * Finds risks in the trust policies of files.
 *
 * @returns 1 if a finding has at least the severity `failOn`
 */
export async function trustPolicyLintCommand(
  io: Io,
  files: readonly string[],
  { format, failOn }: LintFlags,
): Promise<ExitCode> {
  try {
    const findings: FileFinding[] = [];
    let policies = 0;
    for (const file of files) {
      const found = await readPolicies(io, file);
      policies += found.length;
      for (const one of found) findings.push(...lint(one).map((finding): FileFinding => [file, finding]));
    }
    if (format === 'text') print(io, findings, policies);
    else await io.out(format === 'json' ? toJson(findings) : formatCodeQuality(findings.map(toIssue)));
    return findings.some(([, finding]) => isAtLeast(finding, failOn)) ? exitCodes.failed : exitCodes.done;
  } catch (error) {
    return reportFailure(new JobLog(io, []), error);
  }
}

function toJson(findings: readonly FileFinding[]): string {
  const list = findings.map(([file, { place, ...finding }]) => ({ file, ...place, ...finding }));
  return formatJson(list);
}

function toIssue([path, { rule, severity, detail, reason, fix, role, place }]: FileFinding) {
  const description = `${detail}. ${reason} ${fix}`;
  return { path, line: place.line, rule, severity, description, subject: `${role}\n${detail}` };
}

function print(io: Io, findings: readonly FileFinding[], policies: number): void {
  const report = redactingReport(io);
  const checked = `${policies} trust ${policies === 1 ? 'policy' : 'policies'} checked`;
  if (findings.length === 0) {
    report.done(`${checked}, nothing found.`);
    return;
  }
  for (const [file, { rule, severity, detail, reason, fix, role, place }] of findings) {
    const where = `${file}:${place.line}:${place.column}`;
    const line = `${where}: ${severity}: ${detail} [${rule}]${role === '' ? '' : ` (${role})`}`;
    if (severities.indexOf(severity) >= severities.indexOf('major')) report.failure(line);
    else report.notice(line);
    report.detail(reason);
    report.detail(`→ ${fix}`);
  }
  report.title(`${checked}, ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}.`);
}
