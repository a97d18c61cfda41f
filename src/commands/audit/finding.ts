import { createHash } from 'node:crypto';
import { type Severity, severities } from '../../trust-policy/rule.ts';
import type { Origin } from './account-roles.ts';

/** A violation of a rule by a role or a provider. */
export interface AuditFinding {
  readonly account: string;
  readonly kind: 'role' | 'provider';
  /** The name of the role or provider. */
  readonly name: string;
  readonly rule: string;
  readonly severity: Severity;
  /** What was found. */
  readonly detail: string;
  readonly reason: string;
  readonly fix: string;
  /** Undefined if it was read from IAM. */
  readonly origin: Origin | undefined;
}

/** A finding with its identity. */
export interface IdentifiedFinding extends AuditFinding {
  /** The same in every run: it depends neither on the order of findings nor on their place in a file. */
  readonly fingerprint: string;
}

/** Adds the fingerprints. Findings that are the same in everything are numbered. */
export function identified(findings: readonly AuditFinding[]): readonly IdentifiedFinding[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const { account, kind, name, rule, detail } = finding;
    const identity = JSON.stringify([account, kind, name, rule, detail]);
    const count = seen.get(identity) ?? 0;
    seen.set(identity, count + 1);
    const fingerprint = createHash('sha256').update(`${identity}\n${count}`).digest('hex').slice(0, 32);
    return { ...finding, fingerprint };
  });
}

/** The highest severity; undefined if there are no findings. */
export function worstSeverity(findings: readonly { readonly severity: Severity }[]): Severity | undefined {
  return severities.findLast((one) => findings.some(({ severity }) => severity === one));
}
