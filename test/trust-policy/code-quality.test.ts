import { describe, expect, it } from 'vitest';
import { formatCodeQuality } from '../../src/trust-policy/code-quality.ts';
import { findPolicies } from '../../src/trust-policy/documents.ts';
import { lint } from '../../src/trust-policy/lint.ts';

const statement = {
  Effect: 'Allow',
  Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
  Action: 'sts:AssumeRoleWithWebIdentity',
};

function report(text: string) {
  const findings = findPolicies(text).flatMap(lint);
  return JSON.parse(formatCodeQuality(findings.map((finding) => ['iam/role.json', finding] as const)));
}

const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement, statement] }, null, 2);

describe('formatCodeQuality', () => {
  it("has the fields that GitLab's report needs, with the line in the file", () => {
    expect(report(text)[0]).toEqual({
      description: expect.stringMatching(/^no condition holds "sub" to certain values\. Every project/),
      check_name: 'subject-missing',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      severity: 'blocker',
      location: { path: 'iam/role.json', lines: { begin: 4 } },
    });
  });

  it('gives each finding a fingerprint of its own', () => {
    const prints = report(text).map(({ fingerprint }: { fingerprint: string }) => fingerprint);
    expect(prints).toHaveLength(4);
    expect(new Set(prints).size).toBe(4);
  });

  it('keeps the fingerprints where lines above come and go', () => {
    const prints = (one: string) =>
      report(one).map(({ fingerprint }: { fingerprint: string }) => fingerprint);
    expect(prints(`\n\n\n${text}`)).toEqual(prints(text));
  });
});
