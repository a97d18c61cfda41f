import { createHash } from 'node:crypto';
import type { Finding } from './lint.ts';

/**
 * GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 *
 * @param findings with the file that each is in, as a path from the root of the repository
 */
export function formatCodeQuality(findings: readonly (readonly [file: string, Finding])[]): string {
  const seen = new Map<string, number>();
  const report = findings.map(([path, { rule, severity, detail, reason, fix, role, place }]) => {
    // without the line, so that a finding stays the same where lines above it come and go
    const identity = [path, role, rule, detail].join('\n');
    const count = seen.get(identity) ?? 0;
    seen.set(identity, count + 1);
    return {
      description: `${detail}. ${reason} ${fix}`,
      check_name: rule,
      fingerprint: createHash('sha256').update(`${identity}\n${count}`).digest('hex'),
      severity,
      location: { path, lines: { begin: place.line } },
    };
  });
  return `${JSON.stringify(report, null, 2)}\n`;
}
