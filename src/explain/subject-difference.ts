import { textClaim } from '../identity/claims.ts';
import { isLike } from '../identity/pattern.ts';
import { parseSubject, type Subject } from '../identity/subject.ts';
import type { Miss } from './condition-miss.ts';
import type { Situation } from './situation.ts';
import { isFork, type SubjectProblem } from './subject.ts';

/**
 * In what a token's subject differs from the nearest one that a condition wants.
 *
 * @param projectIdMet the project is the right one by its id, so that another path means a rename
 */
export function subjectDifference(
  { operator, wanted, actual = [] }: Miss,
  situation: Situation,
  projectIdMet: boolean,
): { readonly problem: SubjectProblem; readonly wanted: string } {
  const [sub = ''] = actual;
  const matches = /like/i.test(operator) ? matchesPattern : equals;
  const found = (problem: SubjectProblem, test: (value: string) => boolean) => {
    const value = wanted.find(test);
    return value === undefined ? undefined : { problem, wanted: value };
  };
  const nearest = nearestValue(sub, wanted, matches);
  return (
    found('wildcard', (value) => /[*?]/.test(value) && matchesPattern(sub, value)) ??
    found('spaces', (value) => matches(sub, value.trim())) ??
    found('case', (value) => matches(sub.toLowerCase(), value.toLowerCase())) ?? {
      problem: compare(sub, nearest, matches, situation, projectIdMet),
      wanted: nearest,
    }
  );
}

type Matches = (text: string, pattern: string) => boolean;

const equals: Matches = (text, pattern) => text === pattern;
const matchesPattern: Matches = (text, pattern) => isLike(text, [{ text: pattern, literal: false }]);

function compare(
  sub: string,
  wanted: string,
  matches: Matches,
  situation: Situation,
  projectIdMet: boolean,
): SubjectProblem {
  const [mine, theirs] = [parseSubject(sub), parseSubject(wanted)];
  if (mine === undefined) return 'recomposed';
  if (theirs === undefined) return withoutForm(mine, wanted);
  const isMergeRequest = textClaim(situation.claims, 'pipeline_source') === 'merge_request_event';
  if (!matches(mine.projectPath, theirs.projectPath)) {
    return !projectIdMet && (isMergeRequest || isFork(situation)) ? 'fork' : 'path';
  }
  if (/^refs\/(heads|tags)\//.test(theirs.ref)) return 'format';
  if (!matches(mine.refType, theirs.refType)) {
    if (theirs.refType === 'branch' || theirs.refType === 'tag')
      return mine.refType === 'tag' ? 'tag' : 'branch';
    return isMergeRequest ? 'merge-request' : 'format';
  }
  return isMergeRequest ? 'merge-request' : 'ref';
}

/** The policy's value is not in GitLab's usual form: its own form, another path, or a mistake. */
function withoutForm(mine: Subject, wanted: string): SubjectProblem {
  const [name = ''] = wanted.split(':');
  if (
    /^(project_id|namespace_id|namespace_path|environment|user_login|user_email|ref|ref_type)$/.test(name)
  ) {
    return 'recomposed';
  }
  const [, type] = /:ref_type:(branch|tag)\b/.exec(wanted) ?? [];
  if (type !== undefined && type !== mine.refType) return mine.refType === 'tag' ? 'tag' : 'branch';
  const [, path = ''] = /^project_path:([^:*?]*)[*?]/.exec(wanted) ?? [];
  return name === 'project_path' && path !== '' && !mine.projectPath.startsWith(path) ? 'path' : 'format';
}

/** The value that has the most parts in common with the subject. */
function nearestValue(sub: string, wanted: readonly string[], matches: Matches): string {
  const mine = parseSubject(sub);
  const score = (value: string) => {
    const theirs = parseSubject(value);
    if (mine === undefined || theirs === undefined) return 0;
    return (['projectPath', 'refType', 'ref'] as const)
      .map((part, index) => (matches(mine[part], theirs[part]) ? 4 >> index : 0))
      .reduce((sum: number, points) => sum + points, 0);
  };
  return wanted.toSorted((a, b) => score(b) - score(a))[0] ?? '';
}
