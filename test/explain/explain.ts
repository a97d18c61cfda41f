import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/command-line/run.ts';
import { fakeIo } from '../support/fake-io.ts';

/** A set-up that does not work, as it could be found, and the one thing that is wrong with it. */
export interface Refusal {
  readonly cause: string;
  readonly error: string;
  readonly role_arn: string;
  readonly now: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly policy: unknown;
}

/** `aws-oidc trust-policy explain`, as a user runs it on two files. */
export async function explain(refusal: Pick<Refusal, 'claims' | 'now'>, policy: unknown, ...flags: string[]) {
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
