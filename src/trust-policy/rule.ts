import { isReference, issuerKind, parseProviderArn } from '../identity/issuer.ts';
import { splitConditionKey } from '../identity/request-key.ts';
import { type Operator, parseOperator } from './condition.ts';
import type { Condition, Statement } from './policy.ts';

/** The severities of GitLab's Code Quality reports, lowest first. */
export const severities = ['info', 'minor', 'major', 'critical', 'blocker'] as const;

export type Severity = (typeof severities)[number];

/** A violation of a rule, and its place. */
export interface Hit {
  readonly offset: number;
  readonly detail: string;
  readonly fix: string;
}

/** A risk in a trust policy, and how to find it. */
export interface Rule {
  /** Stable, for reports and exceptions. */
  readonly id: string;
  readonly severity: Severity;
  /** Why it is a risk, in one sentence. */
  readonly reason: string;
  readonly find: (statement: WebIdentityStatement) => readonly Hit[];
}

/** A statement for web identities, prepared for the rules. */
export interface WebIdentityStatement {
  readonly statement: Statement;
  /** The issuers that it trusts, as IAM names them. */
  readonly issuers: readonly string[];
  readonly conditions: readonly ClaimCondition[];
}

/** A condition with its operator and key parsed. */
export interface ClaimCondition {
  readonly condition: Condition;
  readonly operator: Operator | undefined;
  /** The key without its last part: an issuer, or `aws`. */
  readonly prefix: string;
  readonly claim: string;
}

export function prepare(statement: Statement): WebIdentityStatement {
  const issuers = statement.principals.federated.flatMap((arn) =>
    isReference(arn) ? referred(statement) : (parseProviderArn(arn)?.name ?? []),
  );
  const conditions = statement.conditions.map((condition) => {
    return { condition, operator: parseOperator(condition.operator), ...splitConditionKey(condition.key) };
  });
  return { statement, issuers, conditions };
}

/** The issuers of the conditions, for a principal that is a template reference. */
function referred({ conditions }: Statement): readonly string[] {
  const own = conditions
    .map(({ key }) => splitConditionKey(key).prefix)
    .filter((prefix) => prefix !== '' && !/^(aws|sts|iam)$/i.test(prefix));
  return own.length > 0 ? [...new Set(own)] : ['PROVIDER'];
}

/** Does the operator match only the listed values? */
export function isPositive({ operator }: ClaimCondition): boolean {
  return (
    operator !== undefined && /^(string(equals|like)|arn(equals|like)|numericequals$)/i.test(operator.base)
  );
}

/** Is the condition unmet if the token does not have the claim? */
export function requiresKey({ operator }: ClaimCondition): boolean {
  return operator !== undefined && !operator.ifExists && operator.quantifier !== 'all';
}

/** Does the operator support the wildcards `*` and `?`? */
export function takesWildcards({ operator }: ClaimCondition): boolean {
  return /like$/i.test(operator?.base ?? '');
}

/** The conditions on a claim of this statement's issuers. */
export function conditionsOn(claim: string, { conditions, issuers }: WebIdentityStatement) {
  return conditions.filter((one) => one.claim === claim && isOwn(one.prefix, issuers));
}

export function isOwn(prefix: string, issuers: readonly string[]): boolean {
  return issuers.some((issuer) => issuer.toLowerCase() === prefix.toLowerCase());
}

/** Is the claim restricted to values without wildcards? */
export function isPinned(claim: string, statement: WebIdentityStatement): boolean {
  return conditionsOn(claim, statement).some((one) => {
    if (!isPositive(one) || one.condition.values.some(hasVariable)) return false;
    // a token always has sub and aud; other claims may be absent
    if (!['sub', 'aud'].includes(claim) && (one.operator?.ifExists || one.operator?.quantifier === 'all'))
      return false;
    return !takesWildcards(one) || one.condition.values.every((value) => !/[*?]/.test(value));
  });
}

/** Policy variables such as `${gitlab.com:sub}`, the token's own value, restrict nothing; template references such as `${AWS::AccountId}` do. */
function hasVariable(value: string): boolean {
  return [...value.matchAll(/\$\{([^{}]*)\}/g)].some(([, name = '']) => /[^:]:[^:]/.test(name));
}

export function isGitlabCom({ issuers }: WebIdentityStatement): boolean {
  return issuers.some((issuer) => issuerKind(issuer) === 'gitlab.com');
}

/** A violation in one condition. */
export function hit({ condition }: ClaimCondition, detail: string, fix: string): Hit {
  return { offset: condition.offset, detail, fix };
}

/** A violation by a statement that lacks something. */
export function at({ statement }: WebIdentityStatement, detail: string, fix: string): Hit {
  return { offset: statement.offset, detail, fix };
}
