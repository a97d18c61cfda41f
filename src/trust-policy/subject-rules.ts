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

/** From harmless to hopeless. */
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

/** Rules about `sub`, the claim that says who asks. */
export const subjectRules: readonly Rule[] = [
  {
    id: 'subject-missing',
    severity: 'blocker',
    reason: 'Every project that the issuer makes tokens for can assume the role.',
    find: (statement) => {
      const { issuers } = statement;
      if (issuers.length === 0 || conditionsOn('sub', statement).some(isPositive)) return [];
      if (isPinned('oidc.circleci.com/project-id', statement)) return [];
      const detail = 'no condition holds "sub" to certain values';
      return [
        at(statement, detail, `Add "StringEquals": {"${issuers[0]}:sub": "${exampleSubject(statement)}"}.`),
      ];
    },
  },
  breadthRule(
    'subject-any-project',
    'blocker',
    'anyone',
    'Every project that the issuer makes tokens for can assume the role.',
  ),
  breadthRule(
    'subject-group-prefix',
    'blocker',
    'groups-by-prefix',
    'The pattern lets in other groups whose name begins the same; anybody can make one.',
  ),
  breadthRule(
    'subject-whole-group',
    'critical',
    'whole-group',
    'Every project of the group or organization can assume the role, on every ref: "*" spans "/" and ":".',
  ),
  breadthRule(
    'subject-project-prefix',
    'major',
    'projects-by-prefix',
    'Every project whose path begins like this can assume the role, on every ref: "*" spans "/" and ":".',
  ),
  breadthRule(
    'subject-any-ref-type',
    'critical',
    'any-ref-type',
    'Every branch and tag can assume the role, also those that anybody with write access makes.',
  ),
  breadthRule(
    'subject-any-ref',
    'critical',
    'any-ref',
    'Every ref of that type can assume the role, also those that anybody with write access makes.',
  ),
  breadthRule(
    'subject-some-refs',
    'minor',
    'some-refs',
    'Whoever may push a ref whose name begins like this can assume the role.',
  ),
  breadthRule(
    'subject-wildcard',
    'minor',
    'unknown-wildcard',
    'A wildcard in "sub" lets in more than one subject.',
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
      const among = values.length > 1 ? `, one of ${values.length} values, and any one is enough` : '';
      return [hit(worst.condition, `"${worst.value}"${among}`, fixFor(breadth, statement))];
    },
  };
}

interface SubjectCondition {
  readonly condition: ClaimCondition;
  readonly value: string;
  readonly breadth: Breadth;
}

/** All conditions must be met, so the narrowest one counts; in each of them the broadest value. */
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

/** Is the project held by its id, whatever the path says? */
function knowsProject(statement: WebIdentityStatement): boolean {
  return isPinned('project_id', statement) && isGitlabCom(statement);
}

/** CircleCI's id of a project leaves nothing broader than the project's own jobs. */
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
      ? 'Name the ref, or add "StringEquals": {"gitlab.com:ref_protected": "true"}.'
      : 'Name the ref: AWS has no ref_protected key for this issuer.';
  }
  return `Name the project and the ref: "${exampleSubject(statement)}".`;
}

function exampleSubject({ issuers: [issuer = ''] }: WebIdentityStatement): string {
  if (issuerKind(issuer) === 'circleci') return `org/${issuer.split('/').at(-1)}/project/PROJECT_ID/user/*`;
  return 'project_path:GROUP/PROJECT:ref_type:branch:ref:main';
}
