import type { ProviderReport } from './assess-account.ts';
import type { RoleReport } from './assess-role.ts';
import type { AuditReport } from './audit-report.ts';
import type { Baseline } from './baseline.ts';
import { type AuditFinding, type IdentifiedFinding, worstSeverity } from './finding.ts';

/** The output of `--format json`: members of an object, whose lists are made item by item. */
export function reportJson({
  accounts,
  unread,
  baseline,
  gone,
}: AuditReport): Readonly<Record<string, Iterable<unknown>>> {
  return {
    accounts: accounts.map(({ account, roleCount, roles }) => {
      return { account, roles: roleCount, rolesThatTrustIssuers: roles.length };
    }),
    roles: each(
      accounts.flatMap(({ roles }) => roles),
      (one) => roleJson(one, baseline),
    ),
    providers: each(
      accounts.flatMap(({ providers }) => providers),
      (one) => providerJson(one, baseline),
    ),
    gone,
    unread,
  };
}

function* each<T>(items: readonly T[], convert: (item: T) => unknown): Iterable<unknown> {
  for (const item of items) yield convert(item);
}

function roleJson(report: RoleReport, baseline: Baseline | undefined) {
  const { account, role, whoCanAssume, permissions, findings, corrected } = report;
  return {
    account,
    arn: role.arn,
    name: role.name,
    ...placeOf(role),
    severity: worstSeverity(findings) ?? null,
    whoCanAssume: whoCanAssume ?? null,
    permissions,
    lastUsed: role.lastUsed instanceof Date ? role.lastUsed.toISOString() : (role.lastUsed ?? null),
    findings: findings.map((one) => findingJson(one, baseline)),
    corrected: corrected ?? null,
  };
}

function providerJson(
  { account, provider, roles, findings }: ProviderReport,
  baseline: Baseline | undefined,
) {
  return {
    account,
    arn: provider.arn ?? null,
    name: provider.name,
    ...placeOf(provider),
    severity: worstSeverity(findings) ?? null,
    audiences: provider.audiences ?? null,
    thumbprints: provider.thumbprints,
    roles,
    findings: findings.map((one) => findingJson(one, baseline)),
  };
}

function placeOf({ origin }: Pick<AuditFinding, 'origin'>) {
  return origin === undefined ? {} : { file: origin.file, line: origin.place.line };
}

function findingJson(finding: IdentifiedFinding, baseline: Baseline | undefined) {
  const { rule, severity, detail, reason, fix, fingerprint } = finding;
  const isKnown = baseline === undefined ? {} : { known: baseline.has(finding) };
  return { rule, severity, detail, reason, fix, fingerprint, ...isKnown };
}
