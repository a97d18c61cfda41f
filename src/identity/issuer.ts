/** Issuers of ID tokens, as AWS distinguishes them. */
export type IssuerKind =
  /** GitLab.com: AWS has condition keys for several claims. */
  | 'gitlab.com'
  /** CircleCI: each organization is an issuer. */
  | 'circleci'
  /** Another public service for which AWS has condition keys; they are not listed here. */
  | 'other-service'
  /** All other issuers, such as GitLab Self-Managed: AWS has keys only for `sub`, `aud` and `amr`. */
  | 'self-managed';

const otherServices =
  /^(token\.actions\.githubusercontent\.com|accounts\.google\.com|cognito-identity\.amazonaws\.com|www\.amazon\.com|graph\.facebook\.com|.*\.identity\.oraclecloud\.com)(\/|$)/;

/** @param name the issuer without its scheme, as IAM names a provider: `gitlab.com` */
export function issuerKind(name: string): IssuerKind {
  if (name === 'gitlab.com') return 'gitlab.com';
  if (/^oidc\.circleci\.com\/org\//.test(name)) return 'circleci';
  return otherServices.test(name) ? 'other-service' : 'self-managed';
}

/** IAM's name of an issuer's provider, which is also the prefix of its condition keys. */
export function providerName(issuer: string): string {
  return issuer.replace(/^https?:\/\//, '');
}

/** The parts of an IAM OpenID Connect provider's ARN. */
export interface ProviderArn {
  readonly partition: string;
  readonly account: string;
  /** The issuer without its scheme. */
  readonly name: string;
}

/** Is the principal, or the provider's name in it, resolved only when a template is deployed? */
export function isReference(principal: string): boolean {
  return principal.startsWith('${') || /:oidc-provider\/\$\{/.test(principal);
}

/** Undefined if the text is not a provider's ARN. Partition and account may be template references. */
export function parseProviderArn(text: string): ProviderArn | undefined {
  const [, partition, account, name] =
    /^arn:(\$\{[^}]*\}|[^:]+):iam::(\$\{[^}]*\}|[^:]*):oidc-provider\/(.+)$/.exec(text) ?? [];
  return partition !== undefined && account !== undefined && name !== undefined
    ? { partition, account, name }
    : undefined;
}
