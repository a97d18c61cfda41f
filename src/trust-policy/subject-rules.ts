import { type Breadth, compareBreadth } from './breadth.ts';
import { isHarmless, knowsProject, narrowedByClaims } from './claim-narrowing.ts';
import {
  at,
  type ClaimCondition,
  conditionsOn,
  hit,
  isGitlabCom,
  isOwn,
  isPinned,
  isPositive,
  type Rule,
  requiresKey,
  takesWildcards,
  type WebIdentityStatement,
} from './rule.ts';
import { subjectBreadth, subjectForm } from './subject-forms.ts';

/** Rules for `sub`, the claim that identifies the caller. */
export const subjectRules: readonly Rule[] = [
  {
    id: 'subject-missing',
    severity: 'blocker',
    reason: 'Every project, repository or service account of the issuer can assume the role.',
    find: (statement) => {
      const open = openIssuers(statement).find(
        (own) => !conditionsOn('sub', own).some(isPositive) && !knowsProject(own),
      );
      if (open === undefined || isPinned('oidc.circleci.com/project-id', open)) return [];
      const [issuer] = open.issuers;
      const among = statement.issuers.length > 1 ? ` for ${issuer}` : '';
      const detail = `"sub" is not restricted to specific values${among}`;
      return [at(open, detail, `Add "StringEquals": {"${issuer}:sub": "${exampleSubject(open)}"}.`)];
    },
  },
  breadthRule(
    'subject-any-project',
    'blocker',
    'anyone',
    'Every project, repository or service account of the issuer can assume the role.',
  ),
  breadthRule(
    'subject-group-prefix',
    'blocker',
    'groups-by-prefix',
    'The pattern also matches other groups with this prefix, which anyone can create.',
  ),
  breadthRule(
    'subject-whole-group',
    'critical',
    'whole-group',
    'Every project of the group or organization can assume the role, on every ref: "*" matches "/" and ":".',
  ),
  breadthRule(
    'subject-any-service-account',
    'critical',
    'any-service-account',
    'Anyone who can create a service account in the cluster can assume the role.',
  ),
  breadthRule(
    'subject-whole-namespace',
    'major',
    'whole-namespace',
    'Anyone who can create a service account in the namespace can assume the role.',
  ),
  breadthRule(
    'subject-project-prefix',
    'major',
    'projects-by-prefix',
    'Every project with this path prefix can assume the role, on every ref: "*" matches "/" and ":".',
  ),
  breadthRule(
    'subject-any-ref-type',
    'critical',
    'any-ref-type',
    'Every branch, tag and pull request can assume the role, including those that anyone with write access creates.',
  ),
  breadthRule(
    'subject-any-ref',
    'critical',
    'any-ref',
    'Every ref of this type can assume the role, including those that anyone with write access creates.',
  ),
  breadthRule(
    'subject-pull-requests',
    'major',
    'pull-requests',
    'Anyone who can push a branch to the repository can open a pull request, and assume the role without a review.',
  ),
  breadthRule(
    'subject-some-refs',
    'minor',
    'some-refs',
    'Anyone who can push a ref with this prefix can assume the role.',
  ),
  breadthRule(
    'subject-wildcard',
    'minor',
    'unknown-wildcard',
    'A wildcard in "sub" can match more than one subject.',
  ),
];

function breadthRule(id: string, severity: Rule['severity'], breadth: Breadth, reason: string): Rule {
  return {
    id,
    severity,
    reason,
    find: (statement) =>
      deciding(statement)
        .filter(({ worst, own }) => worst.breadth === breadth && !isHarmless(breadth, own))
        .map(({ worst, own }) => hit(worst.condition, worst.detail, fixFor(breadth, own))),
  };
}

interface Deciding {
  /** The statement for one of its issuers. */
  readonly own: WebIdentityStatement;
  readonly worst: SubjectCondition;
}

/** The last result: a rule for each breadth judges the same statement, one after another. */
let last: { readonly statement: WebIdentityStatement; readonly found: readonly Deciding[] } | undefined;

/** The condition that decides who can assume the role, for each issuer. */
function deciding(statement: WebIdentityStatement): readonly Deciding[] {
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
function openIssuers(statement: WebIdentityStatement): readonly WebIdentityStatement[] {
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

/** All conditions must be met, so the narrowest one counts; within a condition, the broadest value counts. */
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

function fixFor(breadth: Breadth, statement: WebIdentityStatement): string {
  if (breadth === 'some-refs' || breadth === 'any-ref') {
    return isGitlabCom(statement)
      ? 'Write the full ref, or add "StringEquals": {"gitlab.com:ref_protected": "true"}.'
      : 'Write the full ref: AWS has no ref_protected key for this issuer.';
  }
  if (breadth === 'pull-requests')
    return 'Make the role read-only, or trust an environment that requires a review.';
  const example = exampleSubject(statement);
  const what = example.startsWith('project_path:') ? 'the full project path and ref' : 'the full value';
  return `Write ${what}: "${example}".`;
}

function exampleSubject({ issuers: [issuer = ''] }: WebIdentityStatement): string {
  const template = subjectForm('*', issuer).template('*') ?? 'the sub of the token';
  return template.replace(/\bBRANCH$/, 'main');
}
