import type { Severity } from '../../trust-policy/rule.ts';
import type { AccountReport } from './assess-account.ts';
import type { Baseline, BaselineEntry } from './baseline.ts';
import type { IdentifiedFinding } from './finding.ts';
import type { UnreadAccount } from './live-accounts.ts';
import type { LiveFlags } from './profile-accounts.ts';

export interface AuditFlags extends LiveFlags {
  readonly format: 'text' | 'json' | 'sarif' | 'codequality';
  readonly failOn: Severity;
  /** Files with descriptions of identity providers. */
  readonly providers: readonly string[];
  /** Sends a request to the issuer of every provider. */
  readonly checkIssuers: boolean;
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
  /** False leaves corrected policies out of the text. */
  readonly corrected: boolean;
  /** The version of this program. */
  readonly version: string;
}

/** The result of an audit. */
export interface AuditReport {
  readonly accounts: readonly AccountReport[];
  /** Accounts that could not be read. */
  readonly unread: readonly UnreadAccount[];
  /** All findings of roles and providers. */
  readonly findings: readonly IdentifiedFinding[];
  /** Undefined without a baseline. */
  readonly baseline: Baseline | undefined;
  /** Findings of the baseline that no longer exist. */
  readonly gone: readonly BaselineEntry[];
}
