import { isReference, issuerKind, parseProviderArn } from '../identity/issuer.ts';
import { type Operator, parseOperator } from './condition.ts';
import type { Condition, Statement } from './policy.ts';

/** GitLab's severities of Code Quality, from the least to the worst. */
export const severities = ['info', 'minor', 'major', 'critical', 'blocker'] as const;

export type Severity = (typeof severities)[number];

/** A place where a rule is broken, and what stands there. */
export interface Hit {
  readonly offset: number;
  readonly detail: string;
  readonly fix: string;
}

/** One danger of a trust policy. */
export interface Rule {
  /** Never changes: reports and exceptions rely on it. */
  readonly id: string;
  readonly severity: Severity;
  /** Why it is a danger, in one sentence. */
  readonly reason: string;
  readonly find: (statement: WebIdentityStatement) => readonly Hit[];
}

/** A statement about web identities, prepared for the rules. */
export interface WebIdentityStatement {
  readonly statement: Statement;
  /** Names of its issuers, as IAM spells them. */
  readonly issuers: readonly string[];
  readonly conditions: readonly ClaimCondition[];
}

/** A condition, taken apart. */
export interface ClaimCondition {
  readonly condition: Condition;
  readonly operator: Operator | undefined;
  /** What stands before the last part of the key: an issuer, or `aws`. */
  readonly prefix: string;
  readonly claim: string;
}

export function prepare(statement: Statement): WebIdentityStatement {
  const issuers = statement.principals.federated.flatMap((arn) =>
    isReference(arn) ? referred(statement) : (parseProviderArn(arn)?.name ?? []),
  );
  const conditions = statement.conditions.map((condition) => {
    const [prefix, claim] = splitKey(condition.key);
    return { condition, operator: parseOperator(condition.operator), prefix, claim };
  });
  return { statement, issuers, conditions };
}

/** The issuers of a principal that a template leaves open: those of the conditions. */
function referred({ conditions }: Statement): readonly string[] {
  const own = conditions
    .map(({ key }) => splitKey(key)[0])
    .filter((prefix) => prefix !== '' && !/^(aws|sts|iam)$/i.test(prefix));
  return own.length > 0 ? [...new Set(own)] : ['PROVIDER'];
}

/** Names of issuers may have colons (a port), those of claims have none. */
function splitKey(key: string): readonly [prefix: string, claim: string] {
  const colon = key.lastIndexOf(':');
  return [key.slice(0, Math.max(colon, 0)), key.slice(colon + 1).toLowerCase()];
}

/** Does the operator let in only what is listed? */
export function isPositive({ operator }: ClaimCondition): boolean {
  return (
    operator !== undefined && /^(string(equals|like)|arn(equals|like)|numericequals$)/i.test(operator.base)
  );
}

/** Does the operator take `*` and `?` for wildcards? */
export function takesWildcards({ operator }: ClaimCondition): boolean {
  return /like$/i.test(operator?.base ?? '');
}

/** Conditions of this statement's own issuers on a claim. */
export function conditionsOn(claim: string, { conditions, issuers }: WebIdentityStatement) {
  return conditions.filter((one) => one.claim === claim && isOwn(one.prefix, issuers));
}

export function isOwn(prefix: string, issuers: readonly string[]): boolean {
  return issuers.some((issuer) => issuer.toLowerCase() === prefix.toLowerCase());
}

/** Is the claim held to values without wildcards? */
export function isPinned(claim: string, statement: WebIdentityStatement): boolean {
  return conditionsOn(claim, statement).some((one) => {
    if (!isPositive(one) || one.condition.values.some(hasVariable)) return false;
    // a token always has these two; another claim may be absent
    if (!['sub', 'aud'].includes(claim) && (one.operator?.ifExists || one.operator?.quantifier === 'all'))
      return false;
    return !takesWildcards(one) || one.condition.values.every((value) => !/[*?]/.test(value));
  });
}

/** `${gitlab.com:sub}` stands for the token's own value, which holds nobody back; `${AWS::AccountId}` for a template's. */
function hasVariable(value: string): boolean {
  return [...value.matchAll(/\$\{([^{}]*)\}/g)].some(([, name = '']) => /[^:]:[^:]/.test(name));
}

export function isGitlabCom({ issuers }: WebIdentityStatement): boolean {
  return issuers.some((issuer) => issuerKind(issuer) === 'gitlab.com');
}

/** A rule broken by one condition. */
export function hit({ condition }: ClaimCondition, detail: string, fix: string): Hit {
  return { offset: condition.offset, detail, fix };
}

/** A rule broken by what the statement lacks. */
export function at({ statement }: WebIdentityStatement, detail: string, fix: string): Hit {
  return { offset: statement.offset, detail, fix };
}
