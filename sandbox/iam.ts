import { parseRoleArn } from '../src/exchange/arn.ts';
import type { Claims } from '../src/identity/claims.ts';
import { trustRequest } from '../src/trust-policy/context.ts';
import { findPolicies } from '../src/trust-policy/documents.ts';
import { evaluate } from '../src/trust-policy/evaluate.ts';

/** An IAM OIDC identity provider of one account. */
export interface OidcProvider {
  readonly account: string;
  /** With the scheme, as a token's `iss` spells it. */
  readonly url: string;
  readonly clientIds: readonly string[];
  /** The issuer whose keys stand for its own, where its own are out of reach. */
  readonly keysFrom?: string;
}

/** A role and whom it trusts. */
export interface Role {
  readonly arn: string;
  readonly maxSessionSeconds?: number;
  /** Whose tokens it trusts: a trust policy, as JSON. */
  readonly trustPolicy?: string;
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

/** May a token assume the role? Decided as `aws-oidc trust-policy explain` decides it. */
export function trustsToken({ arn, trustPolicy }: Role, claims: Claims): boolean {
  const [found] = trustPolicy === undefined ? [] : findPolicies(trustPolicy);
  if (found === undefined) return false;
  return evaluate(found.policy, trustRequest(claims, parseRoleArn(arn), new Date())).allowed;
}

/** May the session of this role assume the role? */
export function trustsRole(role: Role, principal: string, externalId: string | undefined): boolean {
  const named = role.principals?.includes(principal) ?? false;
  return named && (role.externalId === undefined || role.externalId === externalId);
}
