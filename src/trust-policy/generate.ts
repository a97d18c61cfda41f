import { providerName } from '../identity/issuer.ts';
import { exactStatement, type Json } from './exact-statement.ts';

/** What a role trusts, and where it is; the caller has checked the values. */
export interface TrustTarget {
  /** The URL of the issuer: `https://gitlab.com`. */
  readonly issuer: string;
  readonly audience: string;
  readonly account: string;
  readonly partition: string;
  /** The values of `sub` to trust; a value with `*` is a pattern. */
  readonly subjects: readonly string[];
  /** Other required claims for which AWS has condition keys: `project_id`, `ref_protected`. */
  readonly claims: Readonly<Record<string, string>>;
  readonly roleName: string;
  readonly maxSessionSeconds: number;
  /** False if the account already has the provider; it can have only one per issuer. */
  readonly withProvider: boolean;
}

/** Creates a policy that allows the subjects, if the other claims match as well. */
export function generatePolicy(target: TrustTarget): Json {
  const statement = exactStatement({ ...target, provider: providerName(target.issuer) });
  const isPattern = target.subjects.some((subject) => subject.includes('*'));
  return { Version: '2012-10-17', Statement: [isPattern ? asPattern(statement) : statement] };
}

/** The same statement with its subject under StringLike, which supports wildcards. */
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
