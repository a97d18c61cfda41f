import { createHash } from 'node:crypto';
import { formatJson } from './json.ts';

/** One entry of a report. */
export interface CodeQualityIssue {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  readonly description: string;
  /** Distinguishes it from other findings of the same rule in the file, independent of its line. */
  readonly subject: string;
}

/** GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function formatCodeQuality(issues: readonly CodeQualityIssue[]): string {
  const seen = new Map<string, number>();
  const report = issues.map(({ path, line, rule, severity, description, subject }) => {
    // without the line, so that a finding keeps its identity when lines above it are added or removed
    const identity = [path, rule, subject].join('\n');
    const count = seen.get(identity) ?? 0;
    seen.set(identity, count + 1);
    return {
      description,
      check_name: rule,
      fingerprint: createHash('sha256').update(`${identity}\n${count}`).digest('hex'),
      severity,
      location: { path, lines: { begin: line } },
    };
  });
  return formatJson(report);
}
