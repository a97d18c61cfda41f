import type { Breadth } from './breadth.ts';
import { isHarmless, knowsProject } from './claim-narrowing.ts';
import { decidingSubjects, openIssuers } from './deciding-subject.ts';
import {
  at,
  conditionsOn,
  hit,
  isGitlabCom,
  isPinned,
  isPositive,
  type Rule,
  type WebIdentityStatement,
} from './rule.ts';
import { subjectForm } from './subject-forms.ts';

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
      decidingSubjects(statement)
        .filter(({ worst, own }) => worst.breadth === breadth && !isHarmless(breadth, own))
        .map(({ worst, own }) => hit(worst.condition, worst.detail, fixFor(breadth, own))),
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
