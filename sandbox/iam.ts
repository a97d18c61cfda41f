/** An IAM OIDC identity provider of one account. */
export interface OidcProvider {
  readonly account: string;
  /** With the scheme, as a token's `iss` spells it. */
  readonly url: string;
  readonly clientIds: readonly string[];
}

/** A role and whom it trusts. */
export interface Role {
  readonly arn: string;
  readonly maxSessionSeconds?: number;
  /** Trusts tokens of one provider. */
  readonly webIdentity?: {
    readonly issuer: string;
    /** Patterns as for StringLike: `*` and `?`. */
    readonly subjects: readonly string[];
  };
  /** Trusts other roles, by ARN. */
  readonly principals?: readonly string[];
  readonly externalId?: string;
}

/** Providers and roles of the accounts that the sandbox knows. */
export class Iam {
  readonly #providers: OidcProvider[] = [];
  readonly #roles = new Map<string, Role>();

  addProvider(provider: OidcProvider): this {
    this.#providers.push(provider);
    return this;
  }

  addRole(role: Role): this {
    this.#roles.set(role.arn, role);
    return this;
  }

  provider(account: string, url: string): OidcProvider | undefined {
    return this.#providers.find((provider) => provider.account === account && provider.url === url);
  }

  role(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }
}

/** May a token of this issuer and subject assume the role? */
export function trustsToken(role: Role, issuer: string, subject: string): boolean {
  const trust = role.webIdentity;
  return trust?.issuer === issuer && trust.subjects.some((pattern) => isLike(subject, pattern));
}

/** May the session of this role assume the role? */
export function trustsRole(role: Role, principal: string, externalId: string | undefined): boolean {
  const named = role.principals?.includes(principal) ?? false;
  return named && (role.externalId === undefined || role.externalId === externalId);
}

/** StringLike: `*` spans anything, `?` is one character, case counts. */
function isLike(text: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}
