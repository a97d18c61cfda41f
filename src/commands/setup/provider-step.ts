import type { Iam, Tags } from '../../aws-api/iam.ts';
import { providerName } from '../../identity/issuer.ts';
import { providerArn, type TrustTarget } from '../../trust-policy/generate.ts';
import { awsCommand, type Step, unchanged } from './step.ts';

/** Plans the identity provider: an account has one for each issuer, which may lack the audience. */
export async function providerStep(iam: Iam, target: TrustTarget, tags: Tags): Promise<Step> {
  const { issuer, audience } = target;
  const arn = providerArn(target);
  const name = providerName(issuer);
  const audiences = await iam.audiencesOf(arn);
  const resource = 'identity-provider';
  if (audiences === undefined) {
    return {
      resource,
      change: 'create',
      title: `identity provider ${name}, audience ${audience}`,
      lines: [],
      apply: () => iam.createProvider(issuer, audience, tags),
      undo: awsCommand('iam', 'delete-open-id-connect-provider', '--open-id-connect-provider-arn', arn),
    };
  }
  if (audiences.includes(audience)) return unchanged(resource, `identity provider ${name}`);
  // as JSON, because version 1 of the AWS CLI would fetch a plain URL
  const client = JSON.stringify({ OpenIDConnectProviderArn: arn, ClientID: audience });
  return {
    resource,
    change: 'update',
    title: `identity provider ${name}, also with the audience ${audience}`,
    lines: [`now: ${audiences.join(', ')}`],
    apply: () => iam.addAudience(arn, audience),
    undo: awsCommand('iam', 'remove-client-id-from-open-id-connect-provider', '--cli-input-json', client),
  };
}
