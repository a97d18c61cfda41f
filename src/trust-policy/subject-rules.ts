import { issuerKind } from '../identity/issuer.ts';
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
import { type Breadth, breadthOfRef, isOwnSubject, subjectBreadth } from './subject-breadth.ts';

/** From narrow to broad. */
const order: readonly Breadth[] = [
  'exact',
  'some-refs',
  'unknown-wildcard',
  'any-ref',
  'any-ref-type',
  'projects-by-prefix',
  'whole-group',
  'groups-by-prefix',
  'anyone',
];

/** Rules for `sub`, the claim that identifies the caller. */
export const subjectRules: readonly Rule[] = [
  {
    id: 'subject-missing',
    severity: 'blocker',
    reason: 'Every project of the issuer can assume the role.',
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
  breadthRule('subject-any-project', 'blocker', 'anyone', 'Every project of the issuer can assume the role.'),
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
    'subject-project-prefix',
    'major',
    'projects-by-prefix',
    'Every project with this path prefix can assume the role, on every ref: "*" matches "/" and ":".',
  ),
  breadthRule(
    'subject-any-ref-type',
    'critical',
    'any-ref-type',
    'Every branch and tag can assume the role, including those that anyone with write access creates.',
  ),
  breadthRule(
    'subject-any-ref',
    'critical',
    'any-ref',
    'Every ref of this type can assume the role, including those that anyone with write access creates.',
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
  const byBreadth = (a: SubjectCondition, b: SubjectCondition) =>
    order.indexOf(a.breadth) - order.indexOf(b.breadth);
  return conditionsOn('sub', statement)
    .filter(isPositive)
    .flatMap((condition) => {
      const ranked = condition.condition.values.map((value) => rank(condition, value, statement));
      return ranked.toSorted(byBreadth).slice(-1);
    })
    .toSorted(byBreadth);
}

function rank(condition: ClaimCondition, value: string, statement: WebIdentityStatement): SubjectCondition {
  const written = takesWildcards(condition) || isOwnSubject(value) ? subjectBreadth(value) : 'exact';
  const aboutProject = order.indexOf(written) > order.indexOf('any-ref-type');
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
  return `Write the full project path and ref: "${exampleSubject(statement)}".`;
}

function exampleSubject({ issuers: [issuer = ''] }: WebIdentityStatement): string {
  if (issuerKind(issuer) === 'circleci') return `org/${issuer.split('/').at(-1)}/project/PROJECT_ID/user/*`;
  return 'project_path:GROUP/PROJECT:ref_type:branch:ref:main';
}
