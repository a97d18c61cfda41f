import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/run-program.ts';
import { explain, type Refusal } from './explain.ts';

/**
 * A set-up that AWS refuses, written by somebody who did not know this program, from the documentation of AWS and
 * GitLab alone.
 */
interface SetUp extends Omit<Refusal, 'cause'> {
  readonly name: string;
  /** The true cause, and where the rule is written. */
  readonly why: string;
  readonly verdict: 'allowed' | 'denied' | 'unknown';
  /** Any of these, a part of a text or `/a pattern/i`, must be in what is said of the first cause. */
  readonly says: readonly string[];
}

const setUps = JSON.parse(
  readFileSync(join(root, 'test/fixtures/set-ups-of-others.json'), 'utf8'),
) as SetUp[];

const verdicts: Readonly<Record<string, SetUp['verdict']>> = { allow: 'allowed', unknown: 'unknown' };

function isSaid(wanted: string, text: string): boolean {
  const [, pattern, flags] = /^\/(.*)\/([a-z]*)$/s.exec(wanted) ?? [];
  if (pattern !== undefined) return new RegExp(pattern, flags).test(text);
  return text.toLowerCase().includes(wanted.toLowerCase());
}

describe('set-ups that others wrote', () => {
  it.each(setUps.map((one) => [one.name, one] as const))('%s', async (_, setUp) => {
    const flags = ['--role-arn', setUp.role_arn, '--error', setUp.error];
    const { exitCode, result } = await explain(setUp, setUp.policy, ...flags);
    const [{ summary, evidence, remedy }] = result.causes;
    expect(verdicts[result.decision] ?? 'denied').toBe(setUp.verdict);
    expect(
      setUp.says.filter((one) => isSaid(one, `${summary}\n${evidence}\n${remedy}`)),
      summary,
    ).not.toEqual([]);
    expect(exitCode).toBe(1);
  });
});
