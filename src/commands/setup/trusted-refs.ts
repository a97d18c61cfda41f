import { isLike } from '../../identity/pattern.ts';
import type { SetupFlags } from './setup-flags.ts';

/** The refs that the role trusts; `*` in a name matches any text. */
export interface TrustedRefs {
  readonly branches: readonly string[];
  readonly tags: readonly string[];
}

/** The refs in the flags, else one branch. */
export function trustedRefs(
  { branch = [], tag = [] }: Pick<SetupFlags, 'branch' | 'tag'>,
  fallback: string | undefined,
): TrustedRefs {
  const named = branch.length > 0 || tag.length > 0;
  return { branches: named || !fallback ? branch : [fallback], tags: tag };
}

/** Does a rule for protected branches, which can contain `*`, apply to a branch? */
export function isProtectedBy(rule: string, branch: string): boolean {
  return isLike(branch, [{ text: rule, literal: false }]);
}

/**
 * The conditions of `rules:if` that select these refs; empty if the component's default, the default branch, selects
 * the same.
 */
export function rulesFor(
  { branches, tags }: TrustedRefs,
  defaultBranch: string | undefined,
): readonly string[] {
  if (tags.length === 0 && branches.length === 1 && branches[0] === defaultBranch) return [];
  return [
    ...branches.map((name) => ruleFor('CI_COMMIT_BRANCH', name)),
    ...tags.map((name) => ruleFor('CI_COMMIT_TAG', name)),
  ];
}

/** https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions */
function ruleFor(variable: string, name: string): string {
  const quote = ['"', "'"].find((one) => !name.includes(one));
  if (name.includes('*') || quote === undefined) {
    return `$${variable} =~ /^${name.split('*').map(escaped).join('.*')}$/`;
  }
  return `$${variable} == ${quote}${name}${quote}`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
