import type { Environment } from '../../environment-variables.ts';
import { RuleError } from '../../errors.ts';
import type { IssuerKind } from '../../identity/issuer.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
import type { inputChecker } from '../../validation/input-checker.ts';
import type { TrustTargetFlags } from './trust-target-flags.ts';

export type Checker = ReturnType<typeof inputChecker>;

/** What a role trusts: values of `sub`, and other required claims. */
export type Trusted = Pick<TrustTarget, 'subjects' | 'claims'>;

export const fromJob = 'In a GitLab job, it is set by default.';

/** Refs, environments or merge requests of a GitLab project; by default the job's own ref. */
export function gitlabProject(
  flags: TrustTargetFlags,
  job: Environment,
  kind: IssuerKind,
  check: Checker,
): Trusted {
  const onGitlabCom = kind === 'gitlab.com';
  const project =
    check.required('--project', flags.project ?? job.CI_PROJECT_PATH, checkProject, fromJob) ?? '';
  const id = (name: string, text: string | undefined, page: string) =>
    onGitlabCom
      ? check.required(name, text, checkId, `It is on the ${page}'s page, and survives a rename.`)
      : check.optional(name, text, checkId);
  const ids = {
    project_id: id('--project-id', flags.projectId ?? job.CI_PROJECT_ID, 'project') ?? '',
    namespace_id: id('--namespace-id', flags.namespaceId ?? job.CI_PROJECT_NAMESPACE_ID, 'group') ?? '',
  };
  const parts = flags.mergeRequests
    ? mergeRequests(flags, onGitlabCom, check)
    : refs(flags, job, onGitlabCom, check);
  const guard = flags.mergeRequests ? { pipeline_source: 'merge_request_event' } : { ref_protected: 'true' };
  return {
    subjects: parts.map((part) => `project_path:${project}:${part}`),
    claims: onGitlabCom ? { ...ids, ...guard } : {},
  };
}

/** The refs and environments in the flags, or the job's own ref. */
function refs(
  flags: TrustTargetFlags,
  job: Environment,
  onGitlabCom: boolean,
  check: Checker,
): readonly string[] {
  const named = [flags.branch, flags.tag, flags.environment].some((list) => list !== undefined);
  const own = (text: string | undefined) => (named || !text ? [] : [text]);
  const each = (name: string, list: readonly string[], parse: (text: string) => string) =>
    list.flatMap((text) => check.optional(name, text, parse) ?? []);
  const ref = (text: string) => checkRef(text, onGitlabCom);
  return [
    ...each('--branch', flags.branch ?? own(job.CI_COMMIT_BRANCH), ref).map(
      (one) => `ref_type:branch:ref:${one}`,
    ),
    ...each('--tag', flags.tag ?? own(job.CI_COMMIT_TAG), ref).map((one) => `ref_type:tag:ref:${one}`),
    ...each('--environment', flags.environment ?? [], checkEnvironment).map((one) => `environment:${one}`),
  ];
}

/** Their tokens name the source branch, which can be any; only on gitlab.com can AWS test pipeline_source. */
function mergeRequests(flags: TrustTargetFlags, onGitlabCom: boolean, check: Checker): readonly string[] {
  const alone = [flags.branch, flags.tag, flags.environment].every((list) => list === undefined);
  check.always('--merge-requests', undefined, () => {
    if (!alone)
      throw new RuleError(
        'must not be combined with --branch, --tag or --environment',
        'Give merge requests a separate, read-only role.',
      );
    if (!onGitlabCom) {
      throw new RuleError(
        'must not be set for this issuer',
        'AWS cannot test pipeline_source here: add it to the sub (ci_id_token_sub_claim_components), and write the policy for that form.',
      );
    }
  });
  return ['ref_type:branch:ref:*'];
}

/** https://circleci.com/docs/openid-connect-tokens/ */
export function circleciProject({ projectId }: TrustTargetFlags, issuer: string, check: Checker): Trusted {
  const hint = 'The project ID is in the project settings.';
  const id = check.required('--project-id', projectId, checkUuid, hint);
  if (id === undefined) return { subjects: [], claims: {} };
  return {
    subjects: [`org/${organizationOf(issuer)}/project/${id}/user/*`],
    claims: { 'oidc.circleci.com/project-id': id },
  };
}

/** The last part of CircleCI's issuer. */
export const organizationOf = (issuer: string) => issuer.split('/').at(-1) ?? '';

/** https://docs.gitlab.com/user/reserved_names/ */
function checkProject(text: string): string {
  if (!/^[\w.-]+(\/[\w.-]+)+$/.test(text)) throw new RuleError('must be a project path: GROUP/PROJECT');
  return text;
}

/** https://git-scm.com/docs/git-check-ref-format: neither control characters nor any of " ~^:?*[\" */
function checkRef(text: string, mayBePattern: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that git forbids
  if (!/^[^\u0000-\u0020\u007f~^:?[\\]{1,255}$/.test(text))
    throw new RuleError('must be the name of a branch or tag');
  if (/^refs\//.test(text)) throw new RuleError('must be the short name, without refs/heads/ or refs/tags/');
  if (text.includes('*') && !mayBePattern) {
    throw new RuleError(
      'must not contain "*" for this issuer',
      'AWS cannot test ref_protected here, so anyone who can push could assume the role.',
    );
  }
  return text;
}

/** https://docs.gitlab.com/ci/environments/#environment-naming, without IAM's wildcards */
function checkEnvironment(text: string): string {
  if (!/^[\w ./{}$-]{1,255}$/.test(text)) throw new RuleError('must be the name of an environment');
  return text;
}

function checkUuid(text: string): string {
  if (!/^[0-9a-f-]{36}$/i.test(text))
    throw new RuleError('must be an ID such as 6f1d2a7e-3a55-4d51-8a1f-0f6a2a1c9b10');
  return text;
}

function checkId(text: string): string {
  if (!/^\d{1,20}$/.test(text)) throw new RuleError('must be a number');
  return text;
}
