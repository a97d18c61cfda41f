import { providerName } from '../identity/issuer.ts';
import { exactStatement, type Json } from './exact-statement.ts';

/** Whom a role shall trust, and where it is; checked by whoever asks. */
export interface TrustTarget {
  /** The address of the issuer: `https://gitlab.com`. */
  readonly issuer: string;
  readonly audience: string;
  readonly account: string;
  readonly partition: string;
  /** The values of `sub` to trust; with `*` where a pattern is meant. */
  readonly subjects: readonly string[];
  /** What else a token must say, by claims that AWS maps for the issuer: `project_id`, `ref_protected`. */
  readonly claims: Readonly<Record<string, string>>;
  readonly roleName: string;
  readonly maxSessionSeconds: number;
  /** False where the account has the provider already: there is one for each issuer. */
  readonly withProvider: boolean;
}

/** The policy that lets in the subjects, with every claim that is asked for beside them. */
export function generatePolicy(target: TrustTarget): Json {
  const statement = exactStatement({ ...target, provider: providerName(target.issuer) });
  const isPattern = target.subjects.some((subject) => subject.includes('*'));
  return { Version: '2012-10-17', Statement: [isPattern ? asPattern(statement) : statement] };
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
