/** Who issues ID tokens, as far as AWS treats issuers differently. */
export type IssuerKind =
  /** GitLab's public instance: AWS maps several claims. */
  | 'gitlab.com'
  /** CircleCI: one issuer for each organization. */
  | 'circleci'
  /** A public service that AWS maps claims of, and that this program does not know. */
  | 'other-service'
  /** Everything else, a self-managed GitLab for example: AWS maps `sub`, `aud` and `amr` only. */
  | 'self-managed';

const otherServices =
  /^(token\.actions\.githubusercontent\.com|accounts\.google\.com|cognito-identity\.amazonaws\.com|www\.amazon\.com|graph\.facebook\.com|.*\.identity\.oraclecloud\.com)(\/|$)/;

/** @param name an issuer without its scheme, as IAM names a provider: `gitlab.com` */
export function issuerKind(name: string): IssuerKind {
  if (name === 'gitlab.com') return 'gitlab.com';
  if (/^oidc\.circleci\.com\/org\//.test(name)) return 'circleci';
  return otherServices.test(name) ? 'other-service' : 'self-managed';
}

/** The name that IAM gives the provider of an issuer; condition keys begin with it. */
export function providerName(issuer: string): string {
  return issuer.replace(/^https?:\/\//, '');
}

/**
 * The claims that AWS makes condition keys of; undefined where this is not known.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
const mappedClaims: Readonly<Record<IssuerKind, readonly string[] | undefined>> = {
  'gitlab.com': [
    'sub',
    'aud',
    'amr',
    'namespace_id',
    'project_id',
    'user_id',
    'user_login',
    'user_email',
    'user_access_level',
    'ref_protected',
    'pipeline_source',
    'runner_environment',
  ],
  circleci: ['sub', 'aud', 'amr', 'oidc.circleci.com/project-id'],
  'other-service': undefined,
  'self-managed': ['sub', 'aud', 'amr'],
};

/** May a policy test this claim of the issuer? Undefined where this program does not know. */
export function isMapped(name: string, claim: string): boolean | undefined {
  const lower = claim.toLowerCase();
  return mappedClaims[issuerKind(name)]?.includes(lower);
}

/** The claims of an issuer that a policy may test. */
export function mappedClaimsOf(name: string): readonly string[] {
  return mappedClaims[issuerKind(name)] ?? ['sub', 'aud'];
}

/** An IAM OpenID Connect provider, as its ARN names it. */
export interface ProviderArn {
  readonly partition: string;
  readonly account: string;
  /** The issuer without its scheme. */
  readonly name: string;
}

/** Is it left to the deployment of a template, as a whole or in the name? */
export function isReference(principal: string): boolean {
  return principal.startsWith('${') || /:oidc-provider\/\$\{/.test(principal);
}

/** Undefined where the text names something else. A template may leave the account open. */
export function parseProviderArn(text: string): ProviderArn | undefined {
  const [, partition, account, name] =
    /^arn:(\$\{[^}]*\}|[^:]+):iam::(\$\{[^}]*\}|[^:]*):oidc-provider\/(.+)$/.exec(text) ?? [];
  return partition !== undefined && account !== undefined && name !== undefined
    ? { partition, account, name }
    : undefined;
}
