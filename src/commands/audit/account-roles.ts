import type { RolePolicy } from '../../permissions/worst-case.ts';
import type { Place } from '../../text/place.ts';
import type { IdentityProvider } from '../../trust-policy/provider.ts';

/** What is known about the roles of one account. */
export interface AccountRoles {
  /** The account ID. */
  readonly account: string;
  /** The number of all its roles. */
  readonly roleCount: number;
  /** The roles that trust an OpenID Connect issuer; read once. */
  readonly roles: Iterable<AuditedRole>;
  /** Undefined if the providers of the account are unknown. */
  readonly providers: readonly DescribedProvider[] | undefined;
}

/** A role that trusts an OpenID Connect issuer. */
export interface AuditedRole {
  readonly arn: string;
  readonly name: string;
  /** An object, or URL-encoded text, as IAM returns it. */
  readonly trustPolicy: unknown;
  /** `never`: not in the period that IAM tracks. Undefined if this is unknown. */
  readonly lastUsed: Date | 'never' | undefined;
  /** Inline policies, and attached managed policies in their default version. */
  readonly policies: readonly RolePolicy[];
  readonly boundary: RolePolicy | undefined;
  /** Undefined if the role was read from IAM. */
  readonly origin: Origin | undefined;
}

/** Where a role or provider is described. */
export interface Origin {
  readonly file: string;
  readonly place: Place;
}

/** A provider of an account. */
export interface DescribedProvider extends IdentityProvider {
  /** Undefined if it was read from IAM. */
  readonly origin: Origin | undefined;
}
