import { providerName } from '../identity/issuer.ts';
import { exactStatement, identifyingClaims, type Json } from './exact-statement.ts';

/** Whom a role shall trust, and where it is; checked by whoever asks. */
export interface TrustTarget {
  /** The address of the issuer: `https://gitlab.com`. */
  readonly issuer: string;
  readonly audience: string;
  readonly account: string;
  readonly partition: string;
  /** The `sub` to trust; with `*` where a pattern is meant. */
  readonly subject: string;
  /** Where the issuer has them. */
  readonly projectId: string | undefined;
  readonly namespaceId: string | undefined;
  readonly roleName: string;
  readonly maxSessionSeconds: number;
  /** False where the account has the provider already: there is one for each issuer. */
  readonly withProvider: boolean;
}

/**
 * The safest trust policy that the issuer supports: on gitlab.com the ids of project and namespace, which
 * outlive a rename, and only protected refs; elsewhere AWS knows `sub` and `aud` alone.
 */
export function generatePolicy(target: TrustTarget): Json {
  const statement = exactStatement({
    ...target,
    provider: providerName(target.issuer),
    claims: claimsOf(target),
  });
  return {
    Version: '2012-10-17',
    Statement: [target.subject.includes('*') ? asPattern(statement) : statement],
  };
}

function claimsOf({ issuer, projectId, namespaceId }: TrustTarget): Readonly<Record<string, string>> {
  const known: Record<string, string | undefined> = {
    project_id: projectId,
    namespace_id: namespaceId,
    ref_protected: 'true',
  };
  const names = identifyingClaims(providerName(issuer));
  return Object.fromEntries(
    names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])),
  );
}

/** The same, but with its subject under the one operator that takes wildcards. */
function asPattern(statement: Json): Json {
  const { StringEquals } = statement.Condition as { readonly StringEquals: Json };
  const entries = Object.entries(StringEquals);
  const [subject = [], exact] = [
    entries.filter(([key]) => key.endsWith(':sub')),
    entries.filter(([key]) => !key.endsWith(':sub')),
  ];
  const condition = { StringEquals: Object.fromEntries(exact), StringLike: Object.fromEntries(subject) };
  return { ...statement, Condition: condition };
}

/** The ARN of the issuer's provider in the account. */
export function providerArn({ partition, account, issuer }: TrustTarget): string {
  return `arn:${partition}:iam::${account}:oidc-provider/${providerName(issuer)}`;
}
