import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsOidcError } from '../errors.ts';
import { awsFailure } from './aws-failure.ts';
import type { AwsConnection } from './connection.ts';

/** Who calls AWS. */
export interface Caller {
  readonly account: string;
  /** `aws`, `aws-cn` or `aws-us-gov`, for example. */
  readonly partition: string;
  readonly arn: string;
}

/**
 * Asks AWS who the credentials belong to. This needs no permission.
 *
 * @throws {AwsOidcError} if there are no credentials, or AWS does not accept them
 */
export async function callerOf(connection: AwsConnection): Promise<Caller> {
  const action = 'sts:GetCallerIdentity';
  try {
    const { Account: account, Arn: arn } = await new STSClient(connection).send(
      new GetCallerIdentityCommand({}),
    );
    const partition = /^arn:(aws[\w-]*):/.exec(arn ?? '')?.[1];
    if (account !== undefined && /^\d{12}$/.test(account) && arn !== undefined && partition !== undefined) {
      return { account, partition, arn };
    }
  } catch (error) {
    throw namingProfile(awsFailure(action, error), connection.profile);
  }
  throw new AwsOidcError('REFUSED', `The response to ${action} is not from AWS.`, {
    hint: 'Check AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS and the proxy variables.',
  });
}

/** A profile that was chosen and provides nothing is not a lack of credentials. */
function namingProfile(error: unknown, profile: string | undefined): unknown {
  if (!(error instanceof AwsOidcError) || error.code !== 'INVALID_INPUT' || profile === undefined)
    return error;
  return new AwsOidcError('INVALID_INPUT', `The AWS profile "${profile}" provides no credentials.`, {
    lines: error.lines,
    hint: 'Check it in ~/.aws/config. "aws sts get-caller-identity" with the same profile must work.',
    cause: error,
  });
}
