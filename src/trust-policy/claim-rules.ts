import { componentsOf, parseSubject } from '../identity/subject.ts';
import { conditionsOn, hit, isGitlabCom, isPinned, isPositive, type Rule } from './rule.ts';
import { subjectMistake } from './subject-mistake.ts';

export const subjectIgnoreCase: Rule = {
  id: 'subject-ignore-case',
  severity: 'minor',
  reason:
    'Ref names are case-sensitive: anyone who can push "Main" can assume the role, even if "main" is protected.',
  find: (statement) =>
    conditionsOn('sub', statement)
      .filter(({ operator }) => /^stringequalsignorecase$/i.test(operator?.base ?? ''))
      .map((one) => hit(one, `${one.condition.operator} on ${one.condition.key}`, 'Use StringEquals.')),
};

export const subjectIncomplete: Rule = {
  id: 'subject-incomplete',
  severity: 'major',
  reason:
    "GitLab's sub consists of the project path, the ref type and the short ref name: no token has this value.",
  find: (statement) =>
    conditionsOn('sub', statement).flatMap((one) => {
      const wrong = one.condition.values.find(isIncomplete);
      if (wrong === undefined || !isPositive(one)) return [];
      return [
        hit(
          one,
          `"${wrong}"`,
          'Write project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH; without refs/heads/.',
        ),
      ];
    }),
};

export const subjectMalformed: Rule = {
  id: 'subject-malformed',
  severity: 'major',
  reason: 'The service issues no tokens with such a "sub".',
  find: (statement) =>
    conditionsOn('sub', statement)
      .filter(isPositive)
      .flatMap((one) =>
        one.condition.values.flatMap((value) => {
          const mistake = subjectMistake(value, one.prefix);
          return mistake === undefined ? [] : [hit(one, `"${value}"`, mistake)];
        }),
      ),
};

export const nameWithoutId: Rule = {
  id: 'name-without-id',
  severity: 'minor',
  reason: 'A project can be renamed and its path taken over by someone else; project IDs are never reused.',
  find: (statement) => {
    const byName = conditionsOn('sub', statement).find((one) =>
      one.condition.values.some((value) => value.startsWith('project_path:')),
    );
    if (!isGitlabCom(statement) || byName === undefined || isPinned('project_id', statement)) return [];
    return [
      hit(
        byName,
        '"sub" restricts the project path, but not the project ID',
        'Add "gitlab.com:project_id" and "gitlab.com:namespace_id" to StringEquals.',
      ),
    ];
  },
};

function isIncomplete(value: string): boolean {
  if (!value.startsWith('project_path:')) return false;
  if (/:ref:[^:]*:\*$/.test(value)) return true;
  if (/[*?]/.test(value)) return false;
  const subject = parseSubject(value);
  // a custom sub may have other claims after the ref
  if (componentsOf(value).length > 3) return false;
  return subject === undefined || subject.ref === '' || /^refs\/(heads|tags)\//.test(subject.ref);
}
