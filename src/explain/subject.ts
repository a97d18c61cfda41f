import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';
import { describeSubject, parseSubject } from '../identity/subject.ts';
import type { Situation } from './situation.ts';

/** How a subject can differ from the one that a policy trusts. */
export type SubjectProblem = keyof typeof texts;

const texts = {
  fork: [
    'The pipeline runs for a fork, so the token names the fork.',
    'A fork must not have the role. Run what needs AWS in the parent project: after the merge, or in a pipeline that a member starts there.',
  ],
  'merge-request': [
    'In a merge request pipeline the token names the source branch.',
    'Run the job on the branch that the role trusts (rules: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH), or give merge requests a role of their own that may only read.',
  ],
  tag: [
    'The token is for a tag, and the policy is for a branch.',
    'Run the job on the branch, or trust the tag as well, with ref_type:tag.',
  ],
  branch: [
    'The token is for a branch, and the policy is for a tag.',
    'Run the job for the tag, or trust the branch as well, with ref_type:branch.',
  ],
  case: [
    'The policy spells it with other upper or lower case.',
    'IAM compares letter by letter: write it in the policy as the token does.',
  ],
  recomposed: [
    'The project composes its sub in another form than the policy expects.',
    'Write the policy in the form that the token has, or set ci_id_token_sub_claim_components of the project back.',
  ],
  path: [
    "The project's path is not the one that the policy trusts: it was renamed or moved, or this is another project, a fork for example.",
    'Where the job is meant to have the role, put the present path into the policy.',
  ],
  ref: [
    'The ref is not the one that the policy trusts.',
    'Run the job on the ref that the role trusts, or trust this one as well.',
  ],
  wildcard: [
    'The policy has a wildcard where the operator takes none.',
    '"*" and "?" are wildcards under StringLike only. Name the value in full, or use StringLike and mind what else it matches.',
  ],
  format: [
    'The policy has a sub that GitLab never makes.',
    'It is project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF, with branch or tag for the type, and the ref without refs/heads/.',
  ],
  spaces: ['The policy has a space or line break around the value.', 'Remove it.'],
} as const satisfies Record<string, readonly [summary: string, remedy: string]>;

/** @param wanted what the policy asks for, where it is known */
export function subjectCause(problem: SubjectProblem, { claims }: Situation, wanted?: string): Cause {
  const sub = textClaim(claims, 'sub') ?? '';
  const [summary, remedy] = texts[problem];
  const against = wanted === undefined ? '' : `; the policy wants "${wanted}"`;
  return {
    id: `subject-${problem}`,
    summary,
    evidence: `The token's sub is "${sub}": ${describeSubject(sub)}${against}.`,
    remedy: wanted === undefined ? remedy : `${remedy} ${condition(claims)}`,
  };
}

/** What a look at the token alone makes suspicious, where nobody knows the policy; the likeliest first. */
export function suspiciousSubject(situation: Situation): readonly Cause[] {
  const { claims, job } = situation;
  const sub = textClaim(claims, 'sub') ?? '';
  const subject = parseSubject(sub);
  const suspects: SubjectProblem[] = [];
  const isMergeRequest = textClaim(claims, 'pipeline_source') === 'merge_request_event';
  if (isFork(situation)) suspects.push('fork');
  else if (isMergeRequest) suspects.push('merge-request');
  if (subject === undefined && 'project_path' in claims) suspects.push('recomposed');
  if (subject?.refType === 'tag') suspects.push('tag');
  else if (subject && !isMergeRequest && job.defaultBranch && subject.ref !== job.defaultBranch)
    suspects.push('ref');
  if (/[A-Z]/.test(subject?.projectPath ?? '')) suspects.push('case');
  return suspects.map((problem) => subjectCause(problem, situation));
}

/** A merge request from another project, or a pipeline in a member's own namespace. */
export function isFork({ claims, job }: Situation): boolean {
  if (job.sourceProject && job.targetProject) return job.sourceProject !== job.targetProject;
  const owner = textClaim(claims, 'namespace_path');
  return owner !== undefined && owner === textClaim(claims, 'user_login');
}

function condition(claims: Situation['claims']): string {
  const name = providerName(textClaim(claims, 'iss') ?? '');
  return `The condition for this token: "${name}:sub": "${textClaim(claims, 'sub') ?? ''}".`;
}
