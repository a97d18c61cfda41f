import { parseRoleArn } from '../src/identity/arn.ts';
import type { Claims } from '../src/identity/claims.ts';
import { trustRequest } from '../src/trust-policy/context.ts';
import { evaluate } from '../src/trust-policy/evaluate.ts';
import { findPolicies } from '../src/trust-policy/find-policies.ts';

/** An OIDC identity provider in one account. */
export interface OidcProvider {
  readonly account: string;
  /** With the scheme, exactly like `iss` in the token. */
  readonly url: string;
  readonly clientIds: readonly string[];
  /** An issuer whose keys are used instead, if the real issuer is not reachable. */
  readonly keysFrom?: string;
}

/** A role and the identities that it trusts. */
export interface Role {
  readonly arn: string;
  readonly maxSessionSeconds?: number;
  /** The trust policy for tokens, as JSON. */
  readonly trustPolicy?: string;
  /** ARNs of the roles that it trusts. */
  readonly principals?: readonly string[];
  /** What these roles may do; by default only sts:AssumeRole. */
  readonly actions?: readonly string[];
  readonly externalId?: string;
}

/** The providers and roles of all accounts in the sandbox. */
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

/** Whether a token can assume the role. Uses the same evaluator as `aws-oidc trust-policy explain`. */
export function trustsToken({ arn, trustPolicy }: Role, claims: Claims): boolean {
  const [found] = trustPolicy === undefined ? [] : findPolicies(trustPolicy);
  if (found === undefined) return false;
  return evaluate(found.policy, trustRequest(claims, parseRoleArn(arn), new Date())).allowed;
}

/** Whether the role allows an action, such as sts:AssumeRole, to a session of the role `principal`. */
export function trustsRole(
  role: Role,
  principal: string,
  externalId: string | undefined,
  action: string,
): boolean {
  const named = role.principals?.includes(principal) ?? false;
  const allowed = (role.actions ?? ['sts:AssumeRole']).includes(action);
  return named && allowed && (role.externalId === undefined || role.externalId === externalId);
}
