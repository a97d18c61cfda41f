import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import { awsFailure } from './aws-failure.ts';
import type { AwsConnection } from './connection.ts';

/**
 * The IDs of the active accounts of the caller's organization.
 *
 * @throws {AwsOidcError} if the caller may not list them: that needs the management account, or a delegated administrator
 */
export async function organizationAccounts(connection: AwsConnection): Promise<readonly string[]> {
  const client = new OrganizationsClient(connection);
  const found: string[] = [];
  try {
    for await (const { Accounts = [] } of paginateListAccounts({ client }, {})) {
      // Status is replaced by State, which other versions of AWS and of its stand-ins do not return yet
      const active = Accounts.filter(({ State, Status }) => (State ?? Status) === 'ACTIVE');
      found.push(...active.flatMap(({ Id }) => Id ?? []));
    }
  } catch (error) {
    throw awsFailure('organizations:ListAccounts', error);
  }
  return found;
}
