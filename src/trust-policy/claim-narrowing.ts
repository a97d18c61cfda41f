import { type Breadth, compareBreadth } from './breadth.ts';
import { breadthOfRef } from './gitlab-subject.ts';
import { conditionsOn, isGitlabCom, isPinned, type WebIdentityStatement } from './rule.ts';

/**
 * How much a `sub` pattern matches if the other claims that the statement pins are taken into account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 *
 * @param written the breadth of the pattern by itself
 */
export function narrowedByClaims(
  written: Breadth,
  pattern: string,
  statement: WebIdentityStatement,
): Breadth {
  if (!knowsProject(statement)) return isGithub(statement) ? narrowedOnGithub(written, statement) : written;
  if (compareBreadth(written, 'any-ref-type') <= 0) return narrowedOnGithub(written, statement);
  return isGithub(statement) ? narrowedOnGithub('any-ref-type', statement) : breadthOfRef(pattern);
}

/** Is the project or repository pinned by another claim, so that its path does not matter? */
export function knowsProject(statement: WebIdentityStatement): boolean {
  if (isGithub(statement)) return isPinned('repository', statement) || isPinned('repository_id', statement);
  return isPinned('project_id', statement) && isGitlabCom(statement);
}

/** A pinned ref, environment or reusable workflow restricts the jobs of a known repository. */
function narrowedOnGithub(breadth: Breadth, statement: WebIdentityStatement): Breadth {
  if (!isGithub(statement)) return breadth;
  const knowsWorkflow = isPinned('job_workflow_ref', statement);
  const knowsJob = knowsWorkflow || isPinned('ref', statement) || isPinned('environment', statement);
  if (knowsJob && aboutJobs.includes(breadth)) return 'exact';
  // other repositories of the owner can use the workflow, but not change it
  return knowsWorkflow && aboutRepositories.includes(breadth) ? 'unknown-wildcard' : breadth;
}

const aboutJobs: readonly Breadth[] = ['some-refs', 'pull-requests', 'any-ref', 'any-ref-type'];
const aboutRepositories: readonly Breadth[] = ['projects-by-prefix', 'whole-group'];

function isGithub({ issuers }: WebIdentityStatement): boolean {
  return issuers.some((issuer) => /^token\.actions\.githubusercontent\.com(\/|$)/.test(issuer));
}

/** A pinned CircleCI project ID allows only the jobs of the project; protected refs of GitLab are no risk. */
export function isHarmless(breadth: Breadth, statement: WebIdentityStatement): boolean {
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
