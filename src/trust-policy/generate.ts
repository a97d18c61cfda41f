import { type IssuerKind, issuerKind, providerName } from '../identity/issuer.ts';
import { escapeVariables } from './correct.ts';
import { webIdentityAction } from './evaluate.ts';

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

export type TrustPolicyJson = Readonly<Record<string, unknown>>;

/**
 * The safest trust policy that the issuer supports: on gitlab.com the ids of project and namespace, which
 * outlive a rename, and only protected refs; elsewhere AWS knows `sub` and `aud` alone.
 */
export function generatePolicy(target: TrustTarget): TrustPolicyJson {
  const name = providerName(target.issuer);
  const exact = { [`${name}:aud`]: target.audience, ...extraConditions(issuerKind(name), name, target) };
  const subject = { [`${name}:sub`]: escapeVariables(target.subject) };
  const condition = target.subject.includes('*')
    ? { StringEquals: exact, StringLike: subject }
    : { StringEquals: { ...subject, ...exact } };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: providerArn(target) },
        Action: webIdentityAction,
        Condition: condition,
      },
    ],
  };
}

/** The ARN of the issuer's provider in the account. */
export function providerArn({ partition, account, issuer }: TrustTarget): string {
  return `arn:${partition}:iam::${account}:oidc-provider/${providerName(issuer)}`;
}

function extraConditions(kind: IssuerKind, name: string, { projectId, namespaceId }: TrustTarget) {
  if (kind !== 'gitlab.com') return {};
  return {
    ...(projectId !== undefined && { [`${name}:project_id`]: projectId }),
    ...(namespaceId !== undefined && { [`${name}:namespace_id`]: namespaceId }),
    [`${name}:ref_protected`]: 'true',
  };
}
