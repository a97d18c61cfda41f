import { AwsOidcError } from '../errors.ts';
import { assumedRoleAccount, type RoleArn } from '../identity/arn.ts';
import { Deadline, type RetryLimits, retry } from '../network/retry.ts';
import { redacted } from '../text/redacted.ts';
import type { Options } from './options.ts';
import type { ChainParameters, Credentials, RoleRequest, RoleSession, Sts } from './sts.ts';
import { StsError } from './sts-error.ts';

/** Credentials, and the role and account that they belong to. */
export interface Assumed {
  readonly credentials: Credentials;
  readonly assumedRoleArn: string;
  readonly account: string;
}

/** Called after a transient error, before the pause. */
export type OnPause = (error: StsError, attempt: number, pauseMs: number) => void;

/**
 * Exchanges the ID token for a session of the role, then assumes the chained roles. Unless something
 * fails, this takes one request per role; all requests share one deadline. Session policies apply only
 * to the last session, which is the one handed on.
 *
 * @throws {StsError} the last error, if STS refuses or the deadline passes
 * @throws {AwsOidcError} `UNEXPECTED_ROLE` if the credentials are for another account, or if STS omits the account
 */
export async function assumeRole(
  options: Options,
  sts: Sts,
  limits: RetryLimits,
  onPause: OnPause,
): Promise<Assumed> {
  const deadline = new Deadline(limits);
  // what was sent and received so far: any response may repeat it
  const secrets = [options.token.text];
  const persist = (attempt: (signal: AbortSignal) => Promise<RoleSession>) =>
    retry((signal) => attempt(signal).catch((error) => fail(error, secrets)), deadline, {
      limits,
      judge: options.similarRegion === undefined ? judge : () => ({ passing: false }),
      onPause: (error, ...pause) => onPause(error as StsError, ...pause),
    });

  const lastRole = options.chain.at(-1) ?? options.role;
  const request = (role: RoleArn): RoleRequest => ({
    roleArn: role.arn,
    sessionName: options.sessionName,
    durationSeconds: options.durationSeconds,
    policy: role === lastRole ? options.policy : undefined,
    policyArns: role === lastRole ? options.policyArns : [],
  });

  let session = await persist((signal) => sts.exchange(options.token.text, request(options.role), signal));
  verifyAccount(session, options.role, secrets);
  const { externalId, sessionTags, transitiveTags, sourceIdentity } = options;
  let parameters: ChainParameters = { externalId, sessionTags, transitiveTags, sourceIdentity };
  for (const role of options.chain) {
    const { credentials } = session;
    const chained = { ...request(role), ...parameters };
    session = await persist((signal) => sts.chain(credentials, chained, signal));
    parameters = inheriting(parameters);
    verifyAccount(session, role, secrets);
  }
  return { ...session, account: lastRole.account };
}

/**
 * The parameters for the next role: its session inherits the source identity and transitive tags. STS refuses another
 * source identity, and a tag with the key of an inherited one.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
 */
function inheriting(parameters: ChainParameters): ChainParameters {
  const sessionTags = parameters.transitiveTags ? [] : parameters.sessionTags;
  return { ...parameters, sessionTags, sourceIdentity: undefined };
}

/** A host name that does not exist is unlikely to appear within the deadline. */
const nameBudgetMs = 10_000;

function judge(error: unknown) {
  if (!(error instanceof StsError)) return { passing: false };
  const budgetMs = error.code === 'ENOTFOUND' ? nameBudgetMs : undefined;
  return { passing: error.kind === 'passing', retryAfterMs: error.retryAfterMs, budgetMs };
}

function fail(error: unknown, secrets: readonly string[]): never {
  if (!(error instanceof StsError)) throw error;
  throw new StsError(error.kind, redacted(error.code, secrets), redacted(error.message, secrets), error);
}

/**
 * The accounts of the requested roles are checked with the options; this checks the account in the response.
 *
 * @param secrets the session's secrets are added to it
 */
function verifyAccount({ assumedRoleArn, credentials }: RoleSession, role: RoleArn, secrets: string[]): void {
  secrets.push(credentials.secretAccessKey, credentials.sessionToken);
  if (assumedRoleAccount(assumedRoleArn) === role.account) return;
  if (assumedRoleArn === '') {
    throw new AwsOidcError('UNEXPECTED_ROLE', 'The response does not say which role was assumed', {
      hint: 'Servers such as MinIO omit it, so the account could not be checked and the credentials were discarded. The component "web-identity" works with them: the AWS SDK does not check.',
    });
  }
  throw new AwsOidcError(
    'UNEXPECTED_ROLE',
    `STS returned credentials for "${redacted(assumedRoleArn, secrets)}" instead of "${role.arn}"`,
    {
      hint: 'The credentials were discarded. Check AWS_ENDPOINT_URL_STS and the proxy variables.',
    },
  );
}
