import { type Breadth, compareBreadth } from './breadth.ts';
import { breadthOfRef } from './gitlab-subject.ts';
import {
  at,
  type ClaimCondition,
  conditionsOn,
  hit,
  isGitlabCom,
  isPinned,
  isPositive,
  type Rule,
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
      const { issuers } = statement;
      if (issuers.length === 0 || conditionsOn('sub', statement).some(isPositive)) return [];
      if (isPinned('oidc.circleci.com/project-id', statement)) return [];
      const detail = '"sub" is not restricted to specific values';
      return [
        at(statement, detail, `Add "StringEquals": {"${issuers[0]}:sub": "${exampleSubject(statement)}"}.`),
      ];
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
    find: (statement) => {
      const [worst] = narrowest(statement);
      if (worst === undefined || worst.breadth !== breadth || isHarmless(breadth, statement)) return [];
      const { values } = worst.condition.condition;
      const among = values.length > 1 ? `, one of ${values.length} values, any of which is enough` : '';
      return [hit(worst.condition, `"${worst.value}"${among}`, fixFor(breadth, statement))];
    },
  };
}

interface SubjectCondition {
  readonly condition: ClaimCondition;
  readonly value: string;
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
  const aboutProject = compareBreadth(written, 'any-ref-type') > 0;
  return {
    condition,
    value,
    breadth: aboutProject && knowsProject(statement) ? breadthOfRef(value) : written,
  };
}

/** Is the project ID pinned, so that the path does not matter? */
function knowsProject(statement: WebIdentityStatement): boolean {
  return isPinned('project_id', statement) && isGitlabCom(statement);
}

/** A pinned CircleCI project ID allows only the jobs of the project. */
function isHarmless(breadth: Breadth, statement: WebIdentityStatement): boolean {
  if (isPinned('oidc.circleci.com/project-id', statement)) return true;
  return ['some-refs', 'any-ref'].includes(breadth) && isProtected(statement);
}

function isProtected(statement: WebIdentityStatement): boolean {
  return conditionsOn('ref_protected', statement).some(
    ({ operator, condition }) =>
      /^(string(equals|like)|bool$)/i.test(operator?.base ?? '') &&
      condition.values.every((value) => value === 'true'),
  );
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
