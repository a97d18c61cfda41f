import { isSame } from '../../trust-policy/account-rules.ts';
import { type AccountHit, accountRules, lintProvider } from '../../trust-policy/provider-rules.ts';
import type { AccountRoles, DescribedProvider } from './account-roles.ts';
import { assessRole, compareReports, type RoleReport } from './assess-role.ts';
import { type AuditFinding, type IdentifiedFinding, identified } from './finding.ts';

/** What the audit says about an account. */
export interface AccountReport {
  readonly account: string;
  /** The number of all its roles. */
  readonly roleCount: number;
  /** The roles that trust an issuer, worst first. */
  readonly roles: readonly RoleReport[];
  readonly providers: readonly ProviderReport[];
}

/** What the audit says about an identity provider. */
export interface ProviderReport {
  readonly account: string;
  readonly provider: DescribedProvider;
  /** The number of roles that trust it. */
  readonly roles: number;
  readonly findings: readonly IdentifiedFinding[];
}

/** Finds what only a request to the provider's issuer shows. */
export type CheckIssuer = (provider: DescribedProvider) => Promise<readonly AccountHit[]>;

/** Judges the roles and providers of an account. */
export async function assessAccount(
  { account, roleCount, roles, providers }: AccountRoles,
  checkIssuer: CheckIssuer,
): Promise<AccountReport> {
  const reports: RoleReport[] = [];
  for (const role of roles) reports.push(assessRole(account, role, providers));
  reports.sort(compareReports);
  const ofProviders: ProviderReport[] = [];
  for (const provider of providers ?? []) {
    const trusting = reports.filter((one) => trusts(one, provider)).length;
    const others = providers?.filter((one) => one !== provider);
    const hits = [...lintProvider(provider, trusting, others), ...(await checkIssuer(provider))];
    const findings = identified(hits.map((hit) => findingOf(account, provider, hit)));
    ofProviders.push({ account, provider, roles: trusting, findings });
  }
  return { account, roleCount, roles: reports, providers: ofProviders };
}

/** A policy that cannot be read may trust any provider. */
function trusts({ whoCanAssume: who }: RoleReport, { name }: DescribedProvider): boolean {
  return who === undefined || who.some(({ issuer }) => issuer === undefined || isSame(issuer, name));
}

function findingOf(account: string, { name, origin }: DescribedProvider, hit: AccountHit): AuditFinding {
  return { account, kind: 'provider', name, origin, ...hit, severity: accountRules[hit.rule] };
}
