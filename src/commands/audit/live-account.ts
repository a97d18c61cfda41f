import pMap from 'p-map';
import type { AwsConnection } from '../../aws-api/connection.ts';
import {
  type InventoriedProvider,
  type InventoriedRole,
  RoleInventory,
} from '../../aws-api/role-inventory.ts';
import { parseProviderArn, providerName } from '../../identity/issuer.ts';
import type { JobLog } from '../../output/job-log.ts';
import type { AccountRoles, DescribedProvider } from './account-roles.ts';
import { RoleCollector } from './role-collector.ts';
import { trustsIssuer } from './role-detail.ts';

/** Requests for roles and policies at a time; IAM allows few a second, and the SDK waits when it is throttled. */
const concurrency = 6;

/**
 * Reads the roles of one account that trust an issuer, with their policies, and its identity providers. What the
 * credentials may not read is left out, with a notice that names the actions.
 *
 * @throws {AwsOidcError} if the roles cannot be listed
 */
export async function readAccount(
  account: string,
  connection: AwsConnection,
  log: JobLog,
): Promise<AccountRoles> {
  const inventory = new RoleInventory(connection);
  const collector = new RoleCollector();
  const trusting = [];
  let roleCount = 0;
  for await (const role of inventory.roles()) {
    roleCount++;
    if (trustsIssuer(role)) trusting.push(role);
  }
  const roles = await pMap(trusting, (role) => inventory.details(role), { concurrency });
  for (const role of roles) collector.addRole(withUnreadPolicies(role), undefined);
  const policies = await pMap(policyArnsOf(roles), (arn) => inventory.managedPolicy(arn), { concurrency });
  for (const policy of policies) if (policy !== undefined) collector.addPolicy(policy);
  const providers = (await inventory.providers())?.map(toProvider);
  if (inventory.denied.size > 0) {
    const actions = [...inventory.denied].sort().join(', ');
    log.notice(`Account ${account}: not allowed to call ${actions}; what they would show is missing.`);
  }
  const [found] = collector.accounts(() => providers);
  return { account, roles: found?.roles ?? [], roleCount, providers };
}

/** Policies that could not be listed may allow anything. */
function withUnreadPolicies(role: InventoriedRole) {
  const unread = { PolicyArn: 'policies that could not be listed' };
  const { AttachedManagedPolicies: attached, RolePolicyList: inline } = role;
  return attached === undefined || inline === undefined
    ? { ...role, AttachedManagedPolicies: [...(attached ?? []), unread] }
    : role;
}

/** Attached policies and permissions boundaries, each once. */
function policyArnsOf(roles: readonly InventoriedRole[]): readonly string[] {
  const arns = roles.flatMap(({ AttachedManagedPolicies: attached = [], PermissionsBoundary: boundary }) => [
    ...attached.map(({ PolicyArn }) => PolicyArn),
    boundary?.PermissionsBoundaryArn,
  ]);
  return [...new Set(arns)].filter((arn) => arn !== undefined);
}

function toProvider({ Arn, Url, ClientIDList, ThumbprintList }: InventoriedProvider): DescribedProvider {
  const name = Url === undefined ? (parseProviderArn(Arn)?.name ?? '') : providerName(Url);
  return { arn: Arn, name, audiences: ClientIDList, thumbprints: ThumbprintList ?? [], origin: undefined };
}
