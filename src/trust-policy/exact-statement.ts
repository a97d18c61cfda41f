import { issuerKind } from '../identity/issuer.ts';

export const webIdentityAction = 'sts:AssumeRoleWithWebIdentity';

/** The values by which a policy identifies a token. */
export interface ExactToken {
  readonly partition: string;
  readonly account: string;
  /** The provider's name: `gitlab.com`. */
  readonly provider: string;
  /** One of these must match. */
  readonly subjects: readonly string[];
  readonly audience: string;
  /** Other claims for which AWS has condition keys: `project_id`. */
  readonly claims: Readonly<Record<string, string>>;
}

/** A policy or a part of it, as plain values. */
export type Json = Readonly<Record<string, unknown>>;

/** Creates a statement that allows only this token: every value in full, under StringEquals. */
export function exactStatement({ provider, subjects, audience, claims, ...at }: ExactToken): Json {
  const values = { sub: subjects, aud: [audience], ...claims };
  const conditions = Object.entries(values).map(([claim, value]) => {
    const [first = '', ...others] = [value].flat().map(escapeVariables);
    return [`${provider}:${claim}`, others.length === 0 ? first : [first, ...others]];
  });
  return {
    Effect: 'Allow',
    Principal: { Federated: `arn:${at.partition}:iam::${at.account}:oidc-provider/${provider}` },
    Action: webIdentityAction,
    Condition: { StringEquals: Object.fromEntries(conditions) },
  };
}

/** On gitlab.com, the IDs that survive a rename, and the ref's protection; elsewhere AWS has no keys for them. */
export function identifyingClaims(provider: string): readonly string[] {
  return issuerKind(provider) === 'gitlab.com' ? ['project_id', 'namespace_id', 'ref_protected'] : [];
}

/** Escapes `${`, which would begin a policy variable. */
export function escapeVariables(text: string): string {
  return text.replace(/\$\{/g, () => `\${$}{`);
}
