import { issuerKind } from '../identity/issuer.ts';

export const webIdentityAction = 'sts:AssumeRoleWithWebIdentity';

/** One token, as a policy can name it. */
export interface ExactToken {
  readonly partition: string;
  readonly account: string;
  /** The provider's name: `gitlab.com`. */
  readonly provider: string;
  /** Any one of them. */
  readonly subjects: readonly string[];
  readonly audience: string;
  /** Other claims by which it is known, where AWS maps them for the issuer: `project_id`. */
  readonly claims: Readonly<Record<string, string>>;
}

/** A policy or a part of one, as plain values. */
export type Json = Readonly<Record<string, unknown>>;

/** The statement that lets this token in and no other: every value in full, under StringEquals. */
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

/** On gitlab.com the claims that outlive a rename, and that only a protected ref has; elsewhere AWS maps none. */
export function identifyingClaims(provider: string): readonly string[] {
  return issuerKind(provider) === 'gitlab.com' ? ['project_id', 'namespace_id', 'ref_protected'] : [];
}

/** A value that stands for itself in a policy: `${` would begin a variable. */
export function escapeVariables(text: string): string {
  return text.replace(/\$\{/g, () => `\${$}{`);
}
