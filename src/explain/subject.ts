import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';
import { componentsOf, describeSubject, foreignService, parseSubject } from '../identity/subject.ts';
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
  'merge-request-type': [
    'The policy wants a ref_type that GitLab never writes: branch and tag are all there are.',
    'In a merge request pipeline ref_type is "branch" and ref is the source branch.',
  ],
  incomplete: [
    'The policy has only the beginning of the sub, but the value must match all of it.',
    'Write the whole sub.',
  ],
  trailing: [
    'The policy expects more text after the ref, but the sub ends there.',
    'A ref contains no colon, and nothing follows it in the default sub: remove the ":" and everything after it.',
  ],
  separator: [
    'The policy has a slash after the project, where a colon belongs.',
    'Write project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF.',
  ],
  number: [
    'The policy has the number of the project (project_id) where its path belongs.',
    'Write the path: project_path:GROUP/PROJECT.',
  ],
  other: [
    'The sub is not the one that the policy trusts.',
    'Compare the two part by part. A part that is new in each run, such as the step of a Bitbucket pipeline, needs StringLike and "*".',
  ],
  'foreign-form': [
    "The policy has another service's form of sub.",
    "GitLab's is project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF.",
  ],
  spaces: ['The policy has a space or line break around the value.', 'Remove it.'],
} as const satisfies Record<string, readonly [summary: string, remedy: string]>;

/** The same, where nobody knows the policy. */
const suspicions: Partial<Record<SubjectProblem, string>> = {
  tag: 'The token is for a tag: if the policy is for a branch, it does not match.',
  ref: 'If the policy trusts another branch, such as the default one, this ref does not match.',
  case: 'The sub has capital letters: if the policy spells it otherwise, it does not match.',
  recomposed: 'The project composes its sub: if the policy is written for the usual form, it does not match.',
};

/** @param wanted what the policy asks for, where it is known */
export function subjectCause(problem: SubjectProblem, { claims }: Situation, wanted?: string): Cause {
  const sub = textClaim(claims, 'sub') ?? '';
  const [known, remedy] = texts[problem];
  const summary = wanted === undefined ? (suspicions[problem] ?? known) : known;
  const made = problem === 'recomposed' && wanted !== undefined ? madeOf(sub, wanted) : '';
  const service = problem === 'foreign-form' ? foreignService(wanted ?? '') : undefined;
  const form = service === undefined ? '' : `, as ${service} writes it`;
  const against = wanted === undefined ? '' : `; the policy wants "${wanted}"${form}${made}`;
  return {
    id: `subject-${problem}`,
    summary,
    evidence: `The token's sub is "${sub}": ${describeSubject(sub)}${against}.`,
    ...(wanted !== undefined && { difference: { token: sub, policy: wanted } }),
    remedy: wanted === undefined || problem === 'fork' ? remedy : `${remedy} ${condition(claims)}`,
  };
}

/** In which form each is, where it is not the same one. */
function madeOf(sub: string, wanted: string): string {
  const [mine, theirs] = [sub, wanted].map((one) => componentsOf(one).join(', ') || 'nothing known');
  return mine === theirs ? '' : `. The token's is made of ${mine}; the policy's of ${theirs}`;
}

/** What a look at the token alone makes suspicious, where nobody knows the policy; the likeliest first. */
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

/** Most policies trust the default branch; where nobody knows its name, an unprotected one is hardly it. */
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
  return `The condition for this token: "${name}:sub": "${textClaim(claims, 'sub') ?? ''}".`;
}
