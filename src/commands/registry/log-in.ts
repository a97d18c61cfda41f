import { connectWith } from '../../aws-api/connection.ts';
import { type EcrToken, privateEcrToken, publicEcrToken } from '../../aws-api/ecr.ts';
import { AwsOidcError, type Problem, RuleError } from '../../errors.ts';
import { partitionOfRegion } from '../../exchange/region.ts';
import type { Session } from '../../hand-off/session.ts';
import { parseRegistry, type Registry } from '../../registry/registry.ts';
import type { Io } from '../../system/io.ts';
import { inputChecker } from '../../validation/input-checker.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { readBundle } from '../input/session-input.ts';

/** The registry of the session's account and region. */
const ownRegistry = 'default';

export type RequestedRegistry = Registry | typeof ownRegistry;

/** Credentials of registries, which are as secret as those of the session. */
export interface RegistryLogin {
  /** Base64 of `USER:PASSWORD`, by host. */
  readonly auths: ReadonlyMap<string, string>;
  /** When the first of them expires. */
  readonly expiration: Date;
}

/**
 * Reads the registries to log in to.
 *
 * @param list a JSON array of hosts, or `default`
 * @param name the input, for errors
 * @throws {AwsOidcError} `INVALID_INPUT` with all problems
 */
export function readRegistries(list: string | undefined, name: string): readonly RequestedRegistry[] {
  const problems: Problem[] = [];
  const registries = inputChecker(problems).list(name, list, (text) =>
    text === ownRegistry ? text : parseRegistry(text),
  );
  if (problems.length > 0) throw invalidInput(problems);
  return registries;
}

/**
 * Requests tokens for the registries, one for each region.
 *
 * @param name the input with the registries, for errors
 * @throws {AwsOidcError} if a registry is in another partition than the session, or AWS refuses a token
 */
export async function logIn(
  io: Io,
  session: Session,
  registries: readonly RequestedRegistry[],
  name: string,
): Promise<RegistryLogin> {
  for (const registry of registries) if (registry !== ownRegistry) checkPartition(registry, session, name);
  const bundle = await readBundle(io);
  const tokens = new Map<string, Promise<EcrToken>>();
  const tokenFor = (region: string, isPublic: boolean): Promise<EcrToken> => {
    const key = `${region} ${isPublic}`;
    const connection = connectWith(region, bundle, () => async () => session);
    const token = tokens.get(key) ?? (isPublic ? publicEcrToken : privateEcrToken)(connection);
    tokens.set(key, token);
    return token;
  };
  const found = await Promise.all(
    registries.map(async (registry) => {
      if (registry === ownRegistry) return ownEntry(await tokenFor(session.region, false), session);
      const { auth, expiration } = await tokenFor(registry.region, registry.isPublic);
      return { host: registry.host, auth, expiration };
    }),
  );
  const times = found.map(({ expiration }) => expiration.getTime());
  return {
    auths: new Map(found.map(({ host, auth }) => [host, auth])),
    // a token works for 12 hours, but not longer than the session that requested it
    expiration: new Date(Math.min(session.expiration.getTime(), ...times)),
  };
}

function ownEntry({ host = '', auth, expiration }: EcrToken, session: Session) {
  if (isOwn(host, session)) return { host, auth, expiration };
  throw new AwsOidcError('REFUSED', "The response of ECR does not contain the account's registry.", {
    hint: 'Check AWS_ENDPOINT_URL and the proxy variables, or list the registry by its host.',
  });
}

function isOwn(host: string, { account, region }: Session): boolean {
  try {
    return parseRegistry(host).region === region && host.startsWith(`${account}.`);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return false;
  }
}

function checkPartition({ host, region }: Registry, { assumedRoleArn }: Session, name: string): void {
  const partition = assumedRoleArn.split(':')[1];
  if (partitionOfRegion(region) === partition) return;
  const rule = `must be in the partition of the role, "${partition}"`;
  throw invalidInput([{ name, rule, value: host }], 'No registry token was requested.');
}
