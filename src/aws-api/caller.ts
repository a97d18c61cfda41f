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
    throw awsFailure(action, error);
  }
  throw new AwsOidcError('REFUSED', `The response to ${action} is not from AWS.`, {
    hint: 'Check AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS and the proxy variables.',
  });
}
