import { formatJson } from '../../output/json.ts';
import type { Io } from '../../system/io.ts';
import { invalid, readTextFile } from '../input/text-file.ts';
import type { IdentifiedFinding } from './finding.ts';

/** Findings that are known, and do not make the audit fail. */
export interface Baseline {
  readonly entries: readonly BaselineEntry[];
  readonly has: (finding: IdentifiedFinding) => boolean;
}

/** What a baseline file says about a finding; only the fingerprint identifies it. */
export type BaselineEntry = Pick<
  IdentifiedFinding,
  'fingerprint' | 'account' | 'kind' | 'name' | 'rule' | 'detail'
>;

const version = 1;

/**
 * Reads known findings.
 *
 * @param name the input, for errors
 * @throws {AwsOidcError} `INVALID_INPUT` if the file cannot be read, or is not a baseline
 */
export async function readBaseline(io: Io, file: string, name = '--baseline'): Promise<Baseline> {
  const entries = entriesIn(await readTextFile(io, name, file));
  if (entries === undefined) {
    const hint = 'Write one with aws-oidc audit --write-baseline.';
    throw invalid(name, `must be a baseline of version ${version}`, hint, file);
  }
  const known = new Set(entries.map(({ fingerprint }) => fingerprint));
  return { entries, has: ({ fingerprint }) => known.has(fingerprint) };
}

/** Undefined if the text is not a baseline. */
function entriesIn(text: string): readonly BaselineEntry[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version: found, findings } = (value ?? {}) as { version?: unknown; findings?: unknown };
  return found === version && Array.isArray(findings) && findings.every(isEntry) ? findings : undefined;
}

function isEntry(value: unknown): value is BaselineEntry {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  return ['fingerprint', 'account', 'kind', 'name', 'rule', 'detail'].every(
    (name) => typeof fields[name] === 'string',
  );
}

/** The text of a baseline file; sorted, so that it changes only with the findings. */
export function formatBaseline(findings: readonly IdentifiedFinding[]): string {
  const entries = findings.map(({ account, kind, name, rule, detail, fingerprint }): BaselineEntry => {
    return { account, kind, name, rule, detail, fingerprint };
  });
  const sorted = entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return formatJson({ version, findings: sorted });
}

/** The known findings of the audited accounts that no longer exist. */
export function goneFrom(
  { entries }: Baseline,
  findings: readonly IdentifiedFinding[],
  accounts: readonly string[],
): readonly BaselineEntry[] {
  const current = new Set(findings.map(({ fingerprint }) => fingerprint));
  return entries.filter(
    ({ fingerprint, account }) => accounts.includes(account) && !current.has(fingerprint),
  );
}
