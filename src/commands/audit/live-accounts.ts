import pMap from 'p-map';
import type { Caller } from '../../aws-api/caller.ts';
import { type AwsConnection, withRole } from '../../aws-api/connection.ts';
import { organizationAccounts } from '../../aws-api/organization.ts';
import { AwsOidcError } from '../../errors.ts';
import type { JobLog } from '../../output/job-log.ts';
import type { AccountRoles } from './account-roles.ts';
import { readAccount } from './live-account.ts';

/** Accounts that were read, and those that could not be. */
export interface LiveAccounts {
  readonly accounts: readonly AccountRoles[];
  readonly unread: readonly UnreadAccount[];
}

export interface UnreadAccount {
  readonly account: string;
  readonly reason: string;
}

/** An account, and credentials for it. */
export interface AccountAccess {
  readonly account: string;
  readonly connection: AwsConnection;
}

/**
 * Reads the roles and identity providers of accounts from IAM. An account that cannot be read does not stop the others.
 *
 * @throws {AwsOidcError} if only one account is to be read, and cannot be
 */
export async function readAll(
  accesses: readonly AccountAccess[],
  parallel: number,
  log: JobLog,
): Promise<LiveAccounts> {
  const unread: UnreadAccount[] = [];
  const read = async ({ account, connection }: AccountAccess) => {
    if (accesses.length > 1) log.detail(`reading account ${account} …`);
    try {
      return [await readAccount(account, connection, log)];
    } catch (error) {
      if (!(error instanceof AwsOidcError) || accesses.length === 1) throw error;
      unread.push({ account, reason: [error.message, ...error.lines].join(' ') });
      return [];
    }
  };
  const accounts = await pMap(accesses, read, { concurrency: parallel });
  return { accounts: accounts.flat(), unread };
}

/** The accounts of all callers, or of the organization of the first; each account once. */
export async function reachable(
  own: readonly { readonly connection: AwsConnection; readonly caller: Caller }[],
  role: string | undefined,
): Promise<readonly AccountAccess[]> {
  const direct = own.map(({ connection, caller }) => ({ account: caller.account, connection }));
  const [first] = own;
  const inOrganization = role === undefined || first === undefined ? [] : await ofOrganization(first, role);
  const all = new Map([...inOrganization, ...direct].map((one) => [one.account, one]));
  return [...all.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
}

/** The session name that CloudTrail of each account shows. */
const sessionName = 'aws-oidc-audit';

async function ofOrganization(
  { connection, caller }: { readonly connection: AwsConnection; readonly caller: Caller },
  role: string,
): Promise<readonly AccountAccess[]> {
  const accounts = await organizationAccounts(connection);
  return accounts.map((account) => {
    const arn = `arn:${caller.partition}:iam::${account}:role/${role}`;
    return { account, connection: withRole(connection, arn, sessionName) };
  });
}
