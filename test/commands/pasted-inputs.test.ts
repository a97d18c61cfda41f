import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readClaims, readToken } from '../../src/commands/input/claims.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { fakeIo } from '../support/fake-io.ts';
import { root } from '../support/run-program.ts';

/** What somebody pasted, and what it means; null where it must be refused. */
interface Pasted {
  readonly name: string;
  readonly kind: 'token' | 'claims' | 'policy';
  readonly text: string;
  readonly means: unknown;
}

const pasted = JSON.parse(readFileSync(join(root, 'test/fixtures/pasted-inputs.json'), 'utf8')) as Pasted[];

async function read({ kind, text }: Pasted): Promise<unknown> {
  const io = fakeIo({});
  const file = join(io.directory, 'pasted');
  writeFileSync(file, text);
  if (kind === 'token') return (await readToken(io, { tokenFile: file })).claims;
  if (kind === 'claims') return readClaims(io, { claims: file });
  const found = findPolicies(text);
  const problems = found.flatMap(({ policy }) => policy.problems);
  if (problems.length > 0) throw new Error(problems[0]?.message);
  return found.map(({ role, json }) => ({ role, policy: json }));
}

describe('what people paste', () => {
  it.each(pasted.map((one) => [one.kind, one.name, one] as const))('%s: %s', async (kind, name, one) => {
    if (one.means === null) {
      await expect(read(one)).rejects.toThrow();
      return;
    }
    const got = await read(one);
    if (kind !== 'policy') expect(got).toMatchObject(one.means as object);
    else if (name === 'policy-lone-statement') {
      const { Statement } = one.means as { readonly Statement: readonly unknown[] };
      expect(got).toMatchObject([{ policy: { Statement: Statement[0] } }]);
    } else if (Array.isArray(one.means)) expect(got).toEqual(one.means);
    else expect(got).toContainEqual(expect.objectContaining({ policy: one.means }));
  });
});
