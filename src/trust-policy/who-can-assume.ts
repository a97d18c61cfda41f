import { isRequestKey, splitConditionKey } from '../identity/request-key.ts';
import { type Breadth, compareBreadth } from './breadth.ts';
import type { Condition, Statement, TrustPolicy } from './policy.ts';
import {
  type ClaimCondition,
  conditionsOn,
  isPositive,
  prepare,
  requiresKey,
  takesWildcards,
} from './rule.ts';
import { hasWildcard } from './subject-form.ts';
import { describePattern, describeValue, subjectBreadth } from './subject-forms.ts';
import { isAboutWebIdentity, isDeniedBy, namesWebIdentityAction, narrowed } from './web-identity.ts';

/** Tokens that a trust policy accepts. */
export interface TrustedTokens {
  /** The provider's name; undefined for every provider of the account. */
  readonly issuer: string | undefined;
  /** Every accepted token has a `sub` like this; undefined for tokens without one. */
  readonly subject: SubjectPattern | undefined;
  readonly breadth: Breadth;
  /** Whose tokens they are: `branch main of acme/shop on gitlab.com`. */
  readonly words: string;
  /** What else the statement requires: `project_id is "20"`. */
  readonly onlyIf: readonly string[];
}

export interface SubjectPattern {
  readonly text: string;
  /** False if `*` and `?` in the text are ordinary characters. */
  readonly isPattern: boolean;
  readonly ignoreCase: boolean;
}

const anySubject: SubjectPattern = { text: '*', isPattern: true, ignoreCase: false };

/**
 * Says whose tokens can assume a role, broadest first. The answer never claims less than IAM allows: conditions
 * that it cannot interpret are ignored, or repeated in `onlyIf` as they are.
 *
 * @returns an empty list if the policy accepts no tokens
 */
export function whoCanAssume({ statements, version }: TrustPolicy): readonly TrustedTokens[] {
  const allowing = statements.filter(
    (one) => one.effect === 'Allow' && isAboutWebIdentity(one) && namesWebIdentityAction(one),
  );
  const open = allowing.filter((allow) => !statements.some((deny) => isDeniedBy(deny, allow)));
  const found = open.flatMap((allow) =>
    issuersOf(allow).flatMap((issuer) => tokensOf(issuer, allow, statements, version)),
  );
  const unique = new Map(found.map((one) => [JSON.stringify(one), one]));
  return [...unique.values()].sort((a, b) => compareBreadth(b.breadth, a.breadth));
}

/** The words, and everything else that the statement requires. */
export function inOneSentence({ words, onlyIf }: TrustedTokens): string {
  return onlyIf.length === 0 ? words : `${words}, only if ${onlyIf.join(' and ')}`;
}

/** The issuers of a statement; undefined is any. */
function issuersOf(statement: Statement): readonly (string | undefined)[] {
  const { principals, exceptPrincipals } = statement;
  const prepared = prepare(statement);
  if (!principals.anyone && !exceptPrincipals && !principals.federated.includes('*')) {
    // providers that IAM knows by name, such as accounts.google.com
    const bare = principals.federated.filter((arn) => !/^(arn:|\$\{)/.test(arn));
    return [...prepared.issuers, ...bare];
  }
  // only tokens of one issuer have its condition keys
  const required = prepared.conditions.filter((one) => isPositive(one) && requiresKey(one));
  const own = required.find(({ condition: { key }, prefix }) => !isRequestKey(key) && /^[^$]/.test(prefix));
  return [own?.prefix];
}

function tokensOf(
  issuer: string | undefined,
  allow: Statement,
  all: readonly Statement[],
  version: string,
): readonly TrustedTokens[] {
  if (issuer === undefined) {
    const words = 'any token of any identity provider in the account';
    return [{ issuer, subject: anySubject, breadth: 'anyone', words, onlyIf: othersInWords(allow, []) }];
  }
  const { statement, conditions } = prepare(narrowed(allow, all));
  const onSubject = conditionsOn('sub', { statement, conditions, issuers: [issuer] });
  const narrowest = onSubject
    .filter(comparesText)
    .map((condition) => ({ condition, tokens: subjectsOf(condition, issuer, version) }))
    .sort((a, b) => compareBreadth(broadest(a.tokens), broadest(b.tokens)))[0];
  const used = [narrowest?.condition.condition, ...pinnedAudience(issuer, allow)];
  const onlyIf = othersInWords(allow, narrowest === undefined ? [] : used);
  const tokens = narrowest?.tokens ?? [subjectInWords(anySubject, issuer)];
  return tokens.map((one) => ({ issuer, ...one, onlyIf }));
}

/** An audience says nothing about who has the token, unless nothing else does. */
function pinnedAudience(issuer: string, allow: Statement): readonly Condition[] {
  const { statement, conditions } = prepare(allow);
  return conditionsOn('aud', { statement, conditions, issuers: [issuer] }).map(({ condition }) => condition);
}

/** Numbers are equal in several spellings, and other operators do not compare text. */
function comparesText(one: ClaimCondition): boolean {
  return isPositive(one) && !/^numeric/i.test(one.operator?.base ?? '');
}

type Subjects = Pick<TrustedTokens, 'subject' | 'breadth' | 'words'>;

function broadest(tokens: readonly Subjects[]): Breadth {
  return (
    tokens
      .map(({ breadth }) => breadth)
      .sort(compareBreadth)
      .at(-1) ?? 'exact'
  );
}

/** The tokens that meet a condition on `sub`, one for each value. */
function subjectsOf(one: ClaimCondition, issuer: string, version: string): readonly Subjects[] {
  const ignoreCase = /ignorecase$/i.test(one.operator?.base ?? '');
  const isPattern = takesWildcards(one) || /^arn/i.test(one.operator?.base ?? '');
  const values = one.condition.values.map((value) =>
    subjectInWords({ ...withoutVariables(value, version, isPattern), ignoreCase }, issuer),
  );
  const words = `any token of ${issuer} without a sub`;
  const absent: Subjects = { subject: undefined, breadth: 'unknown-wildcard', words };
  return requiresKey(one) ? values : [...values, absent];
}

/** A variable can have any value, so "*" takes its place; one for a wildcard character matches one character. */
function withoutVariables(value: string, version: string, isPattern: boolean) {
  if (version !== '2012-10-17' || !/\$\{[^{}]*\}/.test(value)) return { text: value, isPattern };
  const text = value.replace(/\$\{([^{}]*)\}/g, (_, name: string) => (/^[*?$]$/.test(name) ? '?' : '*'));
  return { text, isPattern: true };
}

function subjectInWords(subject: SubjectPattern, issuer: string): Subjects {
  const { text, isPattern, ignoreCase } = subject;
  const isLiteral = !isPattern && hasWildcard(text);
  const words = isPattern ? describePattern(text, issuer) : describeValue(text, issuer);
  return {
    subject,
    breadth: isLiteral ? 'exact' : subjectBreadth(text, issuer),
    words: ignoreCase ? `${words}, in upper or lower case` : words,
  };
}

/** The conditions that the words do not contain. All of them must be met, so each is true of every accepted token. */
function othersInWords(
  { conditions }: Statement,
  except: readonly (Condition | undefined)[],
): readonly string[] {
  return conditions
    .filter((one) => !except.some((used) => used?.key === one.key && used.operator === one.operator))
    .map(({ operator, key, values }) => {
      const list = values.map((value) => `"${value}"`).join(' or ');
      const [, kind = ''] = /^(StringEquals|StringLike|Bool|NumericEquals)$/i.exec(operator) ?? [];
      const verb = kind === '' ? operator : /like/i.test(kind) ? 'matches' : 'is';
      return `${isRequestKey(key) ? key : splitConditionKey(key).claim} ${verb} ${list}`;
    });
}
