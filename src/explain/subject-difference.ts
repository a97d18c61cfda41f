import { textClaim } from '../identity/claims.ts';
import { isLike } from '../identity/pattern.ts';
import { componentsOf, foreignService, parseSubject, type Subject } from '../identity/subject.ts';
import type { Miss } from './miss.ts';
import type { Situation } from './situation.ts';
import { isFork, type SubjectProblem } from './subject-causes.ts';

/**
 * Finds how a token's subject differs from the nearest one that a condition accepts.
 *
 * @param projectIdMet the project ID matches, so a different path means a rename
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
    found(
      'wildcard',
      (value) => isDeadPattern(operator, value) && matchesPattern(sub.toLowerCase(), value.toLowerCase()),
    ) ??
    found('spaces', (value) => matches(sub, value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''))) ??
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
  if (wanted !== '' && sub.startsWith(wanted)) return 'incomplete';
  const [mine, theirs] = [parseSubject(sub), parseSubject(wanted)];
  if (mine === undefined && !('project_path' in situation.claims)) return 'other';
  if (foreignService(wanted) !== undefined) return 'foreign-form';
  if (mine === undefined) return 'recomposed';
  if (/^project_path:\d+:/.test(wanted)) return 'number';
  if (theirs === undefined) return withoutForm(mine, wanted, matches);
  const isMergeRequest = textClaim(situation.claims, 'pipeline_source') === 'merge_request_event';
  if (!matches(mine.projectPath, theirs.projectPath)) {
    return !projectIdMet && (isMergeRequest || isFork(situation)) ? 'fork' : 'path';
  }
  if (/^refs\/(heads|tags)\//.test(theirs.ref)) return 'format';
  if (!matches(mine.refType, theirs.refType)) {
    if (theirs.refType === 'branch' || theirs.refType === 'tag')
      return mine.refType === 'tag' ? 'tag' : 'branch';
    if (/^(mr|merge|pull)/.test(theirs.refType))
      return isMergeRequest ? 'merge-request' : 'merge-request-type';
    return 'format';
  }
  return isMergeRequest ? 'merge-request' : 'ref';
}

/** A pattern under an operator that compares it literally. */
function isDeadPattern(operator: string, value: string): boolean {
  return /[*?]/.test(value) && !/like/i.test(operator);
}

/** The policy's value does not have GitLab's default form: a custom form, another path, or a mistake. */
function withoutForm(mine: Subject, wanted: string, matches: Matches): SubjectProblem {
  const rest = /^(project_path:[^:]*:ref_type:[^:]*:ref:[^:]*):(.*)$/s.exec(wanted);
  if (rest?.[1] !== undefined) {
    // another claim after the ref is a custom form; a lone "*" is a mistake
    if (componentsOf(wanted).length > 3) return 'recomposed';
    return matches(subjectText(mine), rest[1]) ? 'trailing' : 'format';
  }
  const [name = ''] = wanted.split(':');
  if (name !== 'project_path' && componentsOf(wanted)[0] === name) return 'recomposed';
  const [, path = '', type] = /^project_path:([^:]*)(?::ref_type:(branch|tag)\b)?/.exec(wanted) ?? [];
  if (type !== undefined && type !== mine.refType) return mine.refType === 'tag' ? 'tag' : 'branch';
  if (name !== 'project_path') return 'format';
  if (path.startsWith(`${mine.projectPath}/`)) return 'separator';
  const fixed = path.split(/[*?]/)[0] ?? '';
  if (fixed !== '' && !mine.projectPath.startsWith(fixed)) return 'path';
  return 'format';
}

function subjectText({ projectPath, refType, ref }: Subject): string {
  return `project_path:${projectPath}:ref_type:${refType}:ref:${ref}`;
}

/** The value with the most parts in common with the subject. */
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
