import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../src/command-line/run.ts';
import { isLike } from '../../../src/identity/pattern.ts';
import { severities } from '../../../src/trust-policy/rule.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { root } from '../../support/run-program.ts';

/** Fifty accounts with planted faults, written by somebody who did not know the rules of this program. */
const folder = join(root, 'test/fixtures/accounts-with-faults');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** What its author expects of a role; `corrected` says why an expectation was changed. */
interface Expected {
  readonly account: string;
  readonly role: string;
  readonly trusted: string;
  readonly fault: string | null;
  readonly severityAtLeast: string | null;
  readonly worst: string;
  readonly corrected?: string;
  /** Claims of tokens that IAM would accept. */
  readonly allowed: string;
}

interface Reported {
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  readonly severity: string | null;
  readonly permissions: { readonly level: string };
  readonly findings: readonly { readonly rule: string; readonly severity: string }[];
  readonly whoCanAssume: readonly {
    readonly issuer?: string;
    readonly subject?: { readonly text: string; readonly isPattern: boolean; readonly ignoreCase: boolean };
  }[];
}

const expected = read('expected.json') as {
  readonly roles: readonly Expected[];
  readonly notReported: Readonly<Record<string, readonly string[]>>;
  readonly providerFaults: readonly { readonly arn: string; readonly fault: string }[];
};

/** The author's words for levels of permissions. */
const levels: Readonly<Record<string, string>> = {
  admin: 'administrator',
  'pass-role': 'privilege-escalation',
  'iam-write': 'iam-write',
  limited: 'limited',
  'read-only': 'read-only',
  none: 'none',
};

const levelOf = (worst: string) =>
  worst.startsWith('full-service:') ? 'full-service' : (levels[worst] ?? worst);

let roles: ReadonlyMap<string, Reported>;
let providers: readonly Reported[];

beforeAll(async () => {
  const io = fakeIo({});
  const files: string[] = [];
  const flags: string[] = [];
  for (const { account, details, providers: described } of read('accounts.json')) {
    const [file, other] = [
      join(io.directory, `${account}.json`),
      join(io.directory, `${account}.providers.json`),
    ];
    writeFileSync(file, details);
    writeFileSync(other, described);
    files.push(file);
    flags.push('--providers', other);
  }
  expect(await run(['audit', ...files, ...flags, '--format', 'json'], io)).toBe(1);
  const report = JSON.parse(io.results());
  roles = new Map(report.roles.map((one: Reported) => [`${one.account}/${one.name}`, one]));
  providers = report.providers;
});

describe('fifty accounts with planted faults', () => {
  it.each(expected.roles.map((one) => [`${one.account}/${one.role}`, one] as const))('%s', (name, one) => {
    const found = roles.get(name);
    if (found === undefined) throw new Error(`${name} is not reported`);
    const rank = (severity: string | null) => (severities as readonly unknown[]).indexOf(severity);
    const said = `${one.trusted}: ${found.findings.map(({ rule }) => rule).join(', ')}`;
    if (one.severityAtLeast === null) expect(found.findings, said).toEqual([]);
    else expect(rank(found.severity), said).toBeGreaterThanOrEqual(rank(one.severityAtLeast));
    if (one.worst === 'iam-write')
      expect(['iam-write', 'privilege-escalation']).toContain(found.permissions.level);
    else expect(found.permissions.level).toBe(levelOf(one.worst));
  });

  it('has no other roles in its report', () => {
    const names = expected.roles.map(({ account, role }) => `${account}/${role}`);
    expect([...roles.keys()].sort()).toEqual(names.sort());
    for (const [account, others] of Object.entries(expected.notReported))
      for (const role of others) expect(roles.has(`${account}/${role}`)).toBe(false);
  });

  it('finds the faults of providers, and no others', () => {
    const faulty = providers.filter(({ findings }) => findings.length > 0).map(({ arn }) => arn);
    expect(faulty.sort()).toEqual(expected.providerFaults.map(({ arn }) => arn).sort());
  });

  it('covers every token that IAM accepts', () => {
    let tokens = 0;
    for (const { account, role, allowed } of expected.roles) {
      const who = roles.get(`${account}/${role}`)?.whoCanAssume ?? [];
      for (const { issuer, sub } of JSON.parse(allowed) as { issuer: string; sub?: string }[]) {
        tokens++;
        const isCovered = who.some(
          (one) =>
            (one.issuer === undefined || one.issuer.toLowerCase() === issuer.toLowerCase()) &&
            covers(one.subject, sub),
        );
        expect(isCovered, `${role}: ${sub}`).toBe(true);
      }
    }
    expect(tokens).toBeGreaterThan(150);
  });

  it('changes few expectations, and says why', () => {
    const corrected = expected.roles.filter((one) => one.corrected !== undefined);
    expect(corrected.length).toBeLessThan(16);
  });
});

function covers(subject: Reported['whoCanAssume'][number]['subject'], sub: string | undefined): boolean {
  if (subject === undefined || sub === undefined) return true;
  const [text, value] = subject.ignoreCase
    ? [subject.text.toLowerCase(), sub.toLowerCase()]
    : [subject.text, sub];
  return isLike(value, [{ text, literal: !subject.isPattern }]);
}
