import { describe, expect, it } from 'vitest';
import { type CodeQualityIssue, formatCodeQuality } from '../../src/output/code-quality.ts';

const issue: CodeQualityIssue = {
  path: 'iam/role.json',
  line: 4,
  rule: 'subject-missing',
  severity: 'blocker',
  description: 'no condition holds "sub" to certain values',
  subject: 'deploy',
};

const report = (...issues: readonly CodeQualityIssue[]) => JSON.parse(formatCodeQuality(issues));

describe('formatCodeQuality', () => {
  it("has the fields that GitLab's report needs, with the line in the file", () => {
    expect(report(issue)).toEqual([
      {
        description: issue.description,
        check_name: 'subject-missing',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'blocker',
        location: { path: 'iam/role.json', lines: { begin: 4 } },
      },
    ]);
  });

  it('gives each entry its own fingerprint, even if entries are equal', () => {
    const prints = report(issue, issue, { ...issue, rule: 'x' }).map(
      (one: { fingerprint: string }) => one.fingerprint,
    );
    expect(new Set(prints).size).toBe(3);
  });

  it('keeps the fingerprints when lines above are added or removed', () => {
    expect(report({ ...issue, line: 9 })[0].fingerprint).toBe(report(issue)[0].fingerprint);
  });

  it('is an empty list without findings', () => {
    expect(formatCodeQuality([])).toBe('[]\n');
  });
});
