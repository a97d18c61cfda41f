import { chainedSession, neededActions } from './chained-session.ts';
import { type Iam, type Role, trustsRole, trustsToken } from './iam.ts';
import type { IssuedKey, KeyStore } from './key-store.ts';
import { authenticate, type SignedRequest } from './signature.ts';
import { StsRefusal } from './sts-errors.ts';
import { verifyWebIdentity } from './web-identity.ts';

/** The result of an action, as nested XML elements. */
export interface Result {
  readonly [element: string]: string | Result;
}

/** The state that the actions use. */
export interface Sts {
  readonly iam: Iam;
  readonly keys: KeyStore;
}

type Action = (sts: Sts, parameters: URLSearchParams, request: SignedRequest) => Promise<Result>;

/** The supported operations; each throws a StsRefusal if STS returns an error. */
export const actions: Readonly<Record<string, Action>> = {
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  AssumeRole: assumeRole,
  GetCallerIdentity: getCallerIdentity,
};

const roleArn = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\x21-\x7e]+$/;
const defaultMaxSessionSeconds = 3600;
const maxChainedSeconds = 3600;
const maxPolicyCharacters = 2048;

async function assumeRoleWithWebIdentity({ iam, keys }: Sts, parameters: URLSearchParams): Promise<Result> {
  const { arn, account, sessionName, seconds } = checkedRequest(parameters);
  const identity = await verifyWebIdentity(parameters.get('WebIdentityToken') ?? '', account, iam);
  const role = iam.role(arn);
  if (role === undefined || !trustsToken(role, identity.claims)) {
    throw new StsRefusal('notAuthorized');
  }
  checkDuration(role, seconds);
  const key = keys.issue(arn, sessionName, seconds);
  return {
    ...sessionResult(key),
    SubjectFromWebIdentityToken: identity.subject,
    Audience: identity.audience,
    Provider: identity.issuer.replace(/^https?:\/\//, `arn:aws:iam::${account}:oidc-provider/`),
  };
}

async function assumeRole(
  { iam, keys }: Sts,
  parameters: URLSearchParams,
  request: SignedRequest,
): Promise<Result> {
  const caller = await authenticate(request, keys);
  const { arn, sessionName, seconds } = checkedRequest(parameters);
  const role = iam.role(arn);
  const externalId = parameters.get('ExternalId') ?? undefined;
  const chained = chainedSession(parameters, caller.chained);
  const denied = neededActions(chained).find(
    (action) => role === undefined || !trustsRole(role, caller.roleArn, externalId, action),
  );
  if (role === undefined || denied !== undefined) {
    const values = { CALLER: caller.assumedRoleArn, ACTION: denied ?? '', ROLE: arn };
    throw new StsRefusal('notAuthorizedToChain', values);
  }
  if (seconds > maxChainedSeconds) throw new StsRefusal('chainedDuration');
  checkDuration(role, seconds);
  return sessionResult(keys.issue(arn, sessionName, seconds, chained));
}

async function getCallerIdentity({ keys }: Sts, _: URLSearchParams, request: SignedRequest): Promise<Result> {
  const key = await authenticate(request, keys);
  return {
    Arn: key.assumedRoleArn,
    UserId: key.assumedRoleId,
    Account: key.assumedRoleArn.split(':')[4] ?? '',
  };
}

function checkedRequest(parameters: URLSearchParams) {
  const arn = parameters.get('RoleArn') ?? '';
  const sessionName = parameters.get('RoleSessionName') ?? '';
  const seconds = Number(parameters.get('DurationSeconds') ?? defaultMaxSessionSeconds);
  const account = roleArn.exec(arn)?.[1];
  if (account === undefined) throw new StsRefusal('invalidArn');
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) throw new StsRefusal('sessionName');
  if (!(seconds >= 900 && seconds <= 43_200)) throw new StsRefusal('duration');
  checkPolicy(parameters.get('Policy'));
  return { arn, account, sessionName, seconds };
}

function checkPolicy(policy: string | null): void {
  if (policy === null) return;
  if (policy.length > maxPolicyCharacters) throw new StsRefusal('packedPolicyTooLarge');
  try {
    if (typeof JSON.parse(policy).Version === 'string') return;
  } catch {
    // every invalid policy has the same error, below
  }
  throw new StsRefusal('malformedPolicy');
}

function checkDuration(role: Role, seconds: number): void {
  if (seconds > (role.maxSessionSeconds ?? defaultMaxSessionSeconds))
    throw new StsRefusal('maxSessionDuration');
}

function sessionResult(key: IssuedKey): Result {
  return {
    Credentials: {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      Expiration: key.expiration.toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    AssumedRoleUser: { Arn: key.assumedRoleArn, AssumedRoleId: key.assumedRoleId },
    PackedPolicySize: '0',
  };
}
