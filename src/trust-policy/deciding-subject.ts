import { type Breadth, compareBreadth } from './breadth.ts';
import { knowsProject, narrowedByClaims } from './claim-narrowing.ts';
import {
  type ClaimCondition,
  conditionsOn,
  isOwn,
  isPositive,
  requiresKey,
  takesWildcards,
  type WebIdentityStatement,
} from './rule.ts';
import { subjectBreadth } from './subject-forms.ts';

/** The condition that decides who can assume the role, for one issuer. */
export interface Deciding {
  /** The statement for one of its issuers. */
  readonly own: WebIdentityStatement;
  readonly worst: SubjectCondition;
}

/** The last result: a rule for each breadth judges the same statement, one after another. */
let last: { readonly statement: WebIdentityStatement; readonly found: readonly Deciding[] } | undefined;

/**
 * Finds the condition that decides who can assume the role, for each issuer: all conditions must be met, so the narrowest
 * one counts; within a condition, the broadest value counts.
 */
export function decidingSubjects(statement: WebIdentityStatement): readonly Deciding[] {
  if (last?.statement === statement) return last.found;
  const found = openIssuers(statement).flatMap((own) => {
    const worst = narrowest(own)[0] ?? withoutSubject(own);
    return worst === undefined ? [] : [{ own, worst }];
  });
  last = { statement, found };
  return found;
}

/**
 * The statement for each of its issuers whose tokens can meet its conditions: a condition that requires a claim of one
 * issuer excludes the tokens of the others.
 */
export function openIssuers(statement: WebIdentityStatement): readonly WebIdentityStatement[] {
  const { issuers, conditions } = statement;
  if (issuers.length < 2) return issuers.length === 0 ? [] : [statement];
  const requires = (other: string) =>
    conditions.some((one) => isPositive(one) && requiresKey(one) && isOwn(one.prefix, [other]));
  const open = issuers.filter((issuer) => !issuers.some((other) => other !== issuer && requires(other)));
  return open.map((issuer) => ({ ...statement, issuers: [issuer] }));
}

interface SubjectCondition {
  readonly condition: ClaimCondition;
  readonly detail: string;
  readonly breadth: Breadth;
}

function narrowest(statement: WebIdentityStatement): readonly SubjectCondition[] {
  const byBreadth = (a: SubjectCondition, b: SubjectCondition) => compareBreadth(a.breadth, b.breadth);
  return conditionsOn('sub', statement)
    .filter(isPositive)
    .flatMap((condition) => {
      const ranked = condition.condition.values.map((value) => rank(condition, value, statement));
      return ranked.toSorted(byBreadth).slice(-1);
    })
    .toSorted(byBreadth);
}

function rank(condition: ClaimCondition, value: string, statement: WebIdentityStatement): SubjectCondition {
  const isLiteral = !takesWildcards(condition) && /[*?]/.test(value);
  const written = isLiteral ? 'exact' : subjectBreadth(value, condition.prefix);
  const { length } = condition.condition.values;
  const among = length > 1 ? `, one of ${length} values, any of which is enough` : '';
  const breadth = narrowedByClaims(written, value, statement);
  return { condition, detail: `"${value}"${among}`, breadth };
}

/** Without a condition on `sub`, a statement that pins the project allows everything in it. */
function withoutSubject(statement: WebIdentityStatement): SubjectCondition | undefined {
  const claims = ['project_id', 'repository_id', 'repository'];
  const [condition] = claims.flatMap((claim) => conditionsOn(claim, statement));
  if (condition === undefined || !knowsProject(statement)) return undefined;
  const breadth = narrowedByClaims('anyone', '*', statement);
  return {
    condition,
    detail: `"${condition.claim}" restricts the project, but "sub" is not restricted`,
    breadth,
  };
}
