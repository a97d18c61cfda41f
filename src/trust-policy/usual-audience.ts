/**
 * The audience that an issuer's tokens for AWS usually have; undefined if every customer has another one.
 *
 * @param issuer the provider's name: `gitlab.com`
 */
export function usualAudience(issuer: string): string | undefined {
  const [, organization] = /^oidc\.circleci\.com\/org\/(.+)$/.exec(issuer) ?? [];
  if (organization !== undefined) return organization;
  if (/^(api\.bitbucket\.org|oidc\.vercel\.com)\//.test(issuer)) return undefined;
  if (/^vstoken\.dev\.azure\.com\//.test(issuer)) return 'api://AzureADTokenExchange';
  if (/^app(\.eu)?\.terraform\.io$/.test(issuer)) return 'aws.workload.identity';
  return stsAudience.test(issuer) ? 'sts.amazonaws.com' : `https://${issuer}`;
}

/** GitHub's action for AWS, Amazon EKS and Buildkite ask for STS's own name. */
const stsAudience =
  /^(token\.actions\.githubusercontent\.com(\/|$)|oidc\.eks[.-]|agent\.buildkite\.com(\/|$))|\/_services\/token$/;
