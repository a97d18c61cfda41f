import pMap from 'p-map';
import { callerOf } from '../../aws-api/caller.ts';
import { connect } from '../../aws-api/default-credentials.ts';
import type { JobLog } from '../../output/job-log.ts';
import type { Io } from '../../system/io.ts';
import { readBundle } from '../input/session-input.ts';
import { type LiveAccounts, reachable, readAll } from './live-accounts.ts';

/** Which accounts to read from IAM. */
export interface LiveFlags {
  /** One account for each profile; without any, that of the SDK's default credentials. */
  readonly profiles: readonly string[];
  /** The name of a role in each account of the organization. */
  readonly organizationRole: string | undefined;
  readonly region: string | undefined;
  /** The number of accounts that are read at a time. */
  readonly parallel: number;
}

/**
 * Reads the roles and identity providers of the accounts in the flags from IAM.
 *
 * @throws {AwsOidcError} if there are no usable credentials, or only one account is to be read and cannot be
 */
export async function readAccountsOfProfiles(io: Io, flags: LiveFlags, log: JobLog): Promise<LiveAccounts> {
  const ca = await readBundle(io);
  const settings = { region: flags.region, ca };
  const profiles = flags.profiles.length === 0 ? [undefined] : flags.profiles;
  const own = await pMap(profiles, async (profile) => {
    const connection = await connect({ ...settings, profile }, io.env);
    return { connection, caller: await callerOf(connection) };
  });
  return await readAll(await reachable(own, flags.organizationRole), flags.parallel, log);
}
