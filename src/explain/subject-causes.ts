import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';
import { componentsOf, describeSubject, foreignService, parseSubject } from '../identity/subject.ts';
import type { Situation } from './situation.ts';

/** How a subject can differ from the one that a policy expects. */
export type SubjectProblem = keyof typeof texts;

const texts = {
  fork: [
    'The pipeline runs for a fork, so the token names the fork.',
    'A fork must not have the role. Run jobs that need AWS in the parent project: after the merge, or in a pipeline that a member starts there.',
  ],
  'merge-request': [
    'In a merge request pipeline, the token names the source branch.',
    'Run the job on the branch that the role trusts (rules: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH), or give merge requests a separate, read-only role.',
  ],
  tag: [
    'The token is for a tag, but the policy is for a branch.',
    'Run the job on the branch, or also trust the tag, with ref_type:tag.',
  ],
  branch: [
    'The token is for a branch, but the policy is for a tag.',
    'Run the job on the tag, or also trust the branch, with ref_type:branch.',
  ],
  case: [
    'The sub in the policy differs in upper or lower case.',
    "The comparison is case-sensitive: write the token's value in the policy.",
  ],
  recomposed: [
    'The sub does not have the form that the policy expects.',
    "Use the token's form in the policy, or change ci_id_token_sub_claim_components of the project.",
  ],
  path: [
    'The policy trusts another project path: this project was renamed or moved, or it is another one, such as a fork.',
    'If this job should have the role, write the current path in the policy.',
  ],
  ref: [
    'The policy does not trust this ref.',
    'Run the job on a ref that the policy trusts, or also trust this one.',
  ],
  wildcard: [
    'The policy has a wildcard, but the operator does not support wildcards.',
    '"*" and "?" are wildcards only under StringLike. Write the full value, or use StringLike and check what else it matches.',
  ],
  format: [
    'The policy has a sub that GitLab never issues.',
    'The form is project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF, where TYPE is branch or tag, and REF has no refs/heads/.',
  ],
  'merge-request-type': [
    'The policy has a ref_type that GitLab never issues: it is branch or tag.',
    'In a merge request pipeline, ref_type is "branch" and ref is the source branch.',
  ],
  incomplete: [
    'The policy has only the beginning of the sub, but it must match the whole sub.',
    'Write the whole sub.',
  ],
  trailing: [
    'The policy expects more text after the ref, but the sub ends there.',
    'A ref contains no colon, and nothing follows it in the default sub: remove the ":" and everything after it.',
  ],
  separator: [
    'The policy has a slash instead of a colon after the project path.',
    'Write project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF.',
  ],
  number: [
    'The policy has the project ID (project_id) instead of the project path.',
    'Write the path: project_path:GROUP/PROJECT.',
  ],
  other: [
    'The policy does not trust this sub.',
    'Compare the two values. A part that changes in every run, such as the step of a Bitbucket pipeline, needs StringLike and "*".',
  ],
  'foreign-form': [
    "The sub in the policy has another service's form.",
    "GitLab's form is project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF.",
  ],
  spaces: ['The sub in the policy begins or ends with a space or line break.', 'Remove it.'],
} as const satisfies Record<string, readonly [summary: string, remedy: string]>;

/** Summaries for when the policy is unknown. */
const suspicions: Partial<Record<SubjectProblem, string>> = {
  tag: 'The token is for a tag. A policy for a branch does not match it.',
  ref: 'A policy for another branch, such as the default one, does not match this ref.',
  case: 'The sub has uppercase letters. A policy in lower case does not match it.',
  recomposed: 'The sub has a custom form. A policy for the default form does not match it.',
};

/** @param wanted the value in the policy, if it is known */
export function subjectCause(problem: SubjectProblem, { claims }: Situation, wanted?: string): Cause {
  const sub = textClaim(claims, 'sub') ?? '';
  const [known, remedy] = texts[problem];
  const summary = wanted === undefined ? (suspicions[problem] ?? known) : known;
  const made = problem === 'recomposed' && wanted !== undefined ? madeOf(sub, wanted) : '';
  const service = problem === 'foreign-form' ? foreignService(wanted ?? '') : undefined;
  const form = service === undefined ? '' : `, the form of ${service}`;
  const against = wanted === undefined ? '' : `; the policy expects "${wanted}"${form}${made}`;
  return {
    id: `subject-${problem}`,
    summary,
    evidence: `The token's sub is "${sub}": ${describeSubject(sub)}${against}.`,
    ...(wanted !== undefined && { difference: { token: sub, policy: wanted } }),
    remedy: wanted === undefined || problem === 'fork' ? remedy : `${remedy} ${condition(claims)}`,
  };
}

/** The claims of both values, if they differ. */
function madeOf(sub: string, wanted: string): string {
  const [mine, theirs] = [sub, wanted].map((one) => componentsOf(one).join(', ') || 'unknown parts');
  return mine === theirs ? '' : `. The token's sub consists of ${mine}; the policy's of ${theirs}`;
}

/** Finds what is suspicious in a token when the policy is unknown, most likely cause first. */
export function suspiciousSubject(situation: Situation): readonly Cause[] {
  const { claims } = situation;
  const sub = textClaim(claims, 'sub') ?? '';
  const subject = parseSubject(sub);
  const suspects: SubjectProblem[] = [];
  const isMergeRequest = textClaim(claims, 'pipeline_source') === 'merge_request_event';
  if (isFork(situation)) suspects.push('fork');
  else if (isMergeRequest) suspects.push('merge-request');
  if (subject === undefined && 'project_path' in claims) suspects.push('recomposed');
  if (subject?.refType === 'tag') suspects.push('tag');
  else if (subject && !isMergeRequest && isOtherBranch(subject.ref, situation)) suspects.push('ref');
  if (/[A-Z]/.test(subject?.projectPath ?? '')) suspects.push('case');
  return suspects.map((problem) => subjectCause(problem, situation));
}

/** Most policies trust the default branch; if its name is unknown, an unprotected branch is hardly it. */
function isOtherBranch(ref: string, { claims, job }: Situation): boolean {
  if (job.defaultBranch) return ref !== job.defaultBranch;
  return textClaim(claims, 'ref_protected') === 'false' && !['main', 'master'].includes(ref);
}

/** A merge request from another project, or a pipeline in a member's own namespace. */
export function isFork({ claims, job }: Situation): boolean {
  if (job.sourceProject && job.targetProject) return job.sourceProject !== job.targetProject;
  const owner = textClaim(claims, 'namespace_path');
  return owner !== undefined && owner === textClaim(claims, 'user_login');
}

function condition(claims: Situation['claims']): string {
  const name = providerName(textClaim(claims, 'iss') ?? '');
  return `Condition for this token: "${name}:sub": "${textClaim(claims, 'sub') ?? ''}".`;
}
