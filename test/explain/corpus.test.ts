import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/run-program.ts';
import { explain, type Refusal } from './explain.ts';

const folder = join(root, 'test/fixtures/refusals');
const cases = readdirSync(folder).map((file) => {
  const refusal = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Refusal;
  return [file.replace('.json', ''), refusal] as const;
});

describe('the first cause is the actual cause', () => {
  it('in enough cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  it.each(cases)('%s', async (_, refusal) => {
    const { exitCode, result } = await explain(
      refusal,
      refusal.policy,
      '--role-arn',
      refusal.role_arn,
      '--error',
      refusal.error,
    );
    expect(result.causes[0]?.id).toBe(refusal.cause);
    expect(exitCode).toBe(1);
    for (const { summary, evidence, remedy } of result.causes) {
      expect(`${summary}|${evidence}|${remedy}`).not.toMatch(/undefined|NaN|\[object|\|\|/);
    }
  });
});

describe('the corrected policy', () => {
  const withoutCorrection = [
    'audience-array',
    'audience-missing',
    'condition-unknown',
    'explicit-deny',
    'nothing-allows',
    'project-taken-over',
    'role-missing',
    'subject-fork',
  ];
  const corrections = cases.filter(([, { error }]) => error.includes('Not authorized'));

  it.each(corrections)('allows the token: %s', async (_, refusal) => {
    const flags = ['--role-arn', refusal.role_arn];
    const { result } = await explain(refusal, refusal.policy, ...flags);
    // no policy helps if the token must change, and a fork must not be allowed
    if (result.corrected === undefined) {
      expect(withoutCorrection).toContain(refusal.cause);
      return;
    }
    expect(refusal.cause).not.toBe('subject-fork');
    const again = await explain(refusal, result.corrected, ...flags);
    expect({ exitCode: again.exitCode, causes: again.result.causes }).toEqual({ exitCode: 0, causes: [] });
  });
});
