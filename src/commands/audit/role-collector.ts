import type { RolePolicy } from '../../permissions/worst-case.ts';
import type { AccountRoles, AuditedRole, DescribedProvider, Origin } from './account-roles.ts';
import { accountOf, fieldsOf, isRole, parsed, type RoleDetail, toDate, trustsIssuer } from './role-detail.ts';

interface CollectedRole {
  readonly detail: RoleDetail;
  readonly origin: Origin | undefined;
}

/**
 * Collects roles and managed policies, in any order and from several sources, and groups them by account. Both must
 * have the shape of RoleDetail and ManagedPolicyDetail; documents are objects, or URL-encoded text.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export class RoleCollector {
  /** The default versions, by ARN. */
  readonly #documents = new Map<string, string>();
  /** By account and ARN. */
  readonly #roles = new Map<string, Map<string, CollectedRole>>();
  readonly #managedPolicies = new Map<string, RolePolicy>();
  readonly #counts = new Map<string, Set<string>>();
  readonly #texts = new Map<string, string>();

  /**
   * Keeps a role if it trusts an issuer.
   *
   * @returns false if it is not a role
   */
  addRole(source: unknown, origin: Origin | undefined): boolean {
    if (!isRole(source)) return false;
    const account = accountOf(source.Arn);
    const names = this.#counts.get(account) ?? new Set();
    this.#counts.set(account, names.add(source.Arn));
    const roles = this.#roles.get(account) ?? new Map<string, CollectedRole>();
    if (trustsIssuer(source)) roles.set(source.Arn, { detail: this.#compact(source), origin });
    this.#roles.set(account, roles);
    return true;
  }

  /** @returns false if it is not a managed policy */
  addPolicy(source: unknown): boolean {
    const { Arn: arn, DefaultVersionId: id, PolicyVersionList: versions } = fieldsOf(source);
    if (typeof arn !== 'string') return false;
    const all = [versions ?? []].flat().map(fieldsOf);
    const current =
      all.find((one) => one.IsDefaultVersion === true) ?? all.find((one) => one.VersionId === id);
    if (current?.Document !== undefined) this.#documents.set(arn, this.#asText(current.Document));
    return true;
  }

  /** The IDs of the accounts of all roles so far. */
  accountIds(): readonly string[] {
    return [...this.#counts.keys()];
  }

  /**
   * The accounts, with their roles. The roles of an account can be read once: they are forgotten as they are read.
   *
   * @param providersOf the providers of an account; undefined if they are unknown
   */
  accounts(
    providersOf: (account: string) => readonly DescribedProvider[] | undefined,
  ): readonly AccountRoles[] {
    return [...this.#counts.keys()].sort().map((account) => {
      const roleCount = this.#counts.get(account)?.size ?? 0;
      return { account, roleCount, roles: this.#rolesOf(account), providers: providersOf(account) };
    });
  }

  *#rolesOf(account: string): Iterable<AuditedRole> {
    const found = this.#roles.get(account) ?? new Map();
    for (const [arn, { detail, origin }] of found) {
      yield this.#toRole(detail, origin);
      found.delete(arn);
    }
  }

  #toRole(detail: RoleDetail, origin: Origin | undefined): AuditedRole {
    const inline = [detail.RolePolicyList ?? []].flat().map(fieldsOf);
    const attached = [detail.AttachedManagedPolicies ?? []].flat().map(fieldsOf);
    const { PermissionsBoundaryArn: boundary } = fieldsOf(detail.PermissionsBoundary);
    const { LastUsedDate: used } = fieldsOf(detail.RoleLastUsed);
    return {
      arn: detail.Arn,
      name: detail.RoleName,
      trustPolicy: detail.AssumeRolePolicyDocument,
      lastUsed: detail.RoleLastUsed === undefined ? undefined : (toDate(used) ?? 'never'),
      policies: [
        ...inline.map(({ PolicyName: name, PolicyDocument: document }): RolePolicy => {
          return { name: String(name), arn: undefined, document: document ?? null };
        }),
        ...attached.map(({ PolicyArn: arn }) => this.#managed(String(arn))),
      ],
      boundary: typeof boundary === 'string' ? this.#managed(boundary) : undefined,
      origin,
    };
  }

  #managed(arn: string): RolePolicy {
    const known = this.#managedPolicies.get(arn);
    if (known !== undefined) return known;
    // parsed once, because many roles have the same policies
    const document = parsed(this.#documents.get(arn));
    const policy = { name: arn.split('/').at(-1) ?? arn, arn, document };
    this.#managedPolicies.set(arn, policy);
    return policy;
  }

  /** What the audit needs, with documents as text, because many roles are kept until all policies are read. */
  #compact(source: RoleDetail): RoleDetail {
    const inline = [source.RolePolicyList ?? []].flat().map(fieldsOf);
    return {
      Arn: source.Arn,
      RoleName: source.RoleName,
      AssumeRolePolicyDocument: this.#asText(source.AssumeRolePolicyDocument),
      RoleLastUsed: source.RoleLastUsed,
      RolePolicyList: inline.map((one) => ({
        PolicyName: one.PolicyName,
        PolicyDocument: this.#asText(one.PolicyDocument),
      })),
      AttachedManagedPolicies: source.AttachedManagedPolicies,
      PermissionsBoundary: source.PermissionsBoundary,
    };
  }

  /** Equal documents, which are common, are kept once. */
  #asText(document: unknown): string {
    const text = typeof document === 'string' ? document : (JSON.stringify(document) ?? 'null');
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
