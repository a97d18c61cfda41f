import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { fakeIo } from '../support/fake-io.ts';
import { root } from '../support/run-program.ts';

/** A set-up that does not work, as it could be found, and the one thing that is wrong with it. */
interface Refusal {
  readonly cause: string;
  readonly error: string;
  readonly role_arn: string;
  readonly now: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly policy: unknown;
}

const folder = join(root, 'test/fixtures/refusals');
const cases = readdirSync(folder).map((file) => {
  const refusal = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Refusal;
  return [file.replace('.json', ''), refusal] as const;
});

/** `aws-oidc trust-policy explain`, as a user runs it on two files. */
async function explain(refusal: Refusal, policy: unknown, ...flags: string[]) {
  const io = { ...fakeIo({}), now: () => new Date(refusal.now) };
  const files = { policy: join(io.directory, 'policy.json'), claims: join(io.directory, 'claims.json') };
  writeFileSync(files.policy, JSON.stringify(policy));
  writeFileSync(files.claims, JSON.stringify(refusal.claims));
  const exitCode = await run(
    [
      'trust-policy',
      'explain',
      '--policy',
      files.policy,
      '--claims',
      files.claims,
      '--format',
      'json',
      ...flags,
    ],
    io,
  );
  return { exitCode, result: JSON.parse(io.results()) };
}

describe('the first cause named is the true one', () => {
  it('of enough set-ups', () => {
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
    'role-missing',
    'subject-fork',
  ];
  const corrections = cases.filter(([, { error }]) => error.includes('Not authorized'));

  it.each(corrections)('lets the token in: %s', async (_, refusal) => {
    const flags = ['--role-arn', refusal.role_arn];
    const { result } = await explain(refusal, refusal.policy, ...flags);
    // no policy helps a token that has to change, and nobody shall let in a fork
    if (result.corrected === undefined) {
      expect(withoutCorrection).toContain(refusal.cause);
      return;
    }
    expect(refusal.cause).not.toBe('subject-fork');
    const again = await explain(refusal, result.corrected, ...flags);
    expect({ exitCode: again.exitCode, causes: again.result.causes }).toEqual({ exitCode: 0, causes: [] });
  });
});
