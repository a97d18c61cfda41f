import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { isAtLeast, lint } from '../../src/trust-policy/lint.ts';
import { root } from '../support/run-program.ts';

/** A document with a trust policy, written by somebody who did not know this program. */
interface Document {
  readonly name: string;
  readonly text: string;
  readonly dangerous: boolean;
  /** `critical`: somebody outside of the team can assume the role. */
  readonly level: 'critical' | 'warning' | 'none';
  readonly why: string;
  /** Any of these, a part of a text or `/a pattern/i`, must be in what is found. */
  readonly finding_must_say: readonly string[];
}

const documents = JSON.parse(
  readFileSync(join(root, 'test/fixtures/policies-of-others.json'), 'utf8'),
) as Document[];

const isSaid = (wanted: string, text: string) => {
  const [, pattern, flags] = /^\/(.*)\/([a-z]*)$/s.exec(wanted) ?? [];
  return pattern === undefined
    ? text.toLowerCase().includes(wanted.toLowerCase())
    : new RegExp(pattern, flags).test(text);
};

describe('policies that others wrote', () => {
  it.each(documents.map((one) => [one.name, one] as const))(
    '%s',
    (_, { text, dangerous, level, finding_must_say }) => {
      const findings = findPolicies(text).flatMap(lint);
      if (!dangerous) {
        expect(findings.filter((finding) => isAtLeast(finding, 'major'))).toEqual([]);
        return;
      }
      const least = level === 'critical' ? 'critical' : 'minor';
      expect(findings.filter((finding) => isAtLeast(finding, least))).not.toEqual([]);
      const said = findings
        .map(({ rule, detail, reason, fix }) => `${rule} ${detail} ${reason} ${fix}`)
        .join('\n');
      expect(finding_must_say.length === 0 || finding_must_say.some((one) => isSaid(one, said))).toBe(true);
    },
  );
});
