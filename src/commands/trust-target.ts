import { AwsOidcError, type Problem, RuleError } from '../errors.ts';
import { parseRoleArn } from '../exchange/arn.ts';
import { inputChecker } from '../exchange/input-checker.ts';
import { checkAccountId, parseDuration } from '../exchange/option-values.ts';
import { type IssuerKind, issuerKind, providerName } from '../identity/issuer.ts';
import type { TrustTarget } from '../trust-policy/generate.ts';

/** Flags as the command line gives them; each may be absent. */
export interface TrustTargetFlags {
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly account?: string | undefined;
  readonly partition?: string | undefined;
  readonly project?: string | undefined;
  readonly projectId?: string | undefined;
  readonly namespaceId?: string | undefined;
  /** Several may be trusted: any one of them gets in. */
  readonly branch?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly environment?: readonly string[] | undefined;
  readonly mergeRequests?: boolean | undefined;
  readonly roleName?: string | undefined;
  readonly duration?: string | undefined;
  /** False for `--no-provider`. */
  readonly provider?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Checker = ReturnType<typeof inputChecker>;

/**
 * Checks what a role shall trust. What nobody says on the command line comes from the job: its own project,
 * and the ref it runs for.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with every problem there is
 */
export function readTrustTarget(flags: TrustTargetFlags, env: Environment): TrustTarget {
  const problems: Problem[] = [];
  const check = inputChecker(problems);
  const issuer = check.required('--issuer', flags.issuer ?? env.CI_SERVER_URL, parseIssuer, fromJob) ?? '';
  const role = readRole(flags, env, check);
  const kind = issuerKind(providerName(issuer));
  const job = flags.project === undefined ? env : {};
  const trusted =
    kind === 'circleci' ? circleciProject(flags, issuer, check) : gitlabProject(flags, job, kind, check);
  if (
    trusted.subjects.length === 0 &&
    kind !== 'circleci' &&
    !problems.some(({ name }) => /^--(branch|tag|env|merge)/.test(name))
  ) {
    const hint = 'A role that trusts every ref trusts whoever may push.';
    const rule =
      'must be given, or --tag, --environment or --merge-requests; the first three may be repeated';
    problems.push({ name: '--branch', rule, hint });
  }
  if (problems.length > 0) {
    throw new AwsOidcError('INVALID_INPUT', 'The role cannot be written like this.', { problems });
  }
  const audience = flags.audience ?? (kind === 'circleci' ? organizationOf(issuer) : issuer);
  return { issuer, audience, ...role, ...trusted, withProvider: flags.provider ?? true };
}

type Trusted = Pick<TrustTarget, 'subjects' | 'claims'>;

const fromJob = 'In a job of GitLab it comes from the environment.';

function readRole(flags: TrustTargetFlags, env: Environment, check: Checker) {
  const arn = flags.account === undefined ? env.AWS_OIDC_ROLE_ARN || undefined : undefined;
  const role = check.optional('AWS_OIDC_ROLE_ARN', arn, parseRoleArn);
  const account = flags.account ?? role?.account;
  const roleName = flags.roleName ?? role?.name ?? 'gitlab-ci';
  const duration = (text: string) => Math.max(minMaxSessionSeconds, parseDuration(text, false));
  return {
    account:
      check.required('--account', account, checkAccountId, 'The account of the role, 12 digits.') ?? '',
    partition: check.optional('--partition', flags.partition ?? role?.partition, checkPartition) ?? 'aws',
    roleName: check.optional('--role-name', roleName, checkRoleName) ?? '',
    maxSessionSeconds: check.optional('--duration', flags.duration, duration) ?? minMaxSessionSeconds,
  };
}

/** IAM allows a role no less: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const minMaxSessionSeconds = 3600;

function gitlabProject(flags: TrustTargetFlags, job: Environment, kind: IssuerKind, check: Checker): Trusted {
  const onGitlabCom = kind === 'gitlab.com';
  const project =
    check.required('--project', flags.project ?? job.CI_PROJECT_PATH, checkProject, fromJob) ?? '';
  const id = (name: string, text: string | undefined, page: string) =>
    onGitlabCom
      ? check.required(name, text, checkId, `The ${page}'s page shows it. It outlives a rename.`)
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

/** Every ref and environment that is named; else the job's own ref. */
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

/** Their tokens name the source branch, which may be any: only gitlab.com's say that AWS can test the rest. */
function mergeRequests(flags: TrustTargetFlags, onGitlabCom: boolean, check: Checker): readonly string[] {
  const alone = [flags.branch, flags.tag, flags.environment].every((list) => list === undefined);
  check.always('--merge-requests', undefined, () => {
    if (!alone)
      throw new RuleError(
        'must stand alone',
        'Give merge requests a role of their own, which may only read.',
      );
    if (!onGitlabCom) {
      throw new RuleError(
        'must not be given for this issuer',
        'AWS cannot test pipeline_source here: compose the sub with it (ci_id_token_sub_claim_components), and write the policy for that.',
      );
    }
  });
  return ['ref_type:branch:ref:*'];
}

/** https://circleci.com/docs/openid-connect-tokens/ */
function circleciProject({ projectId }: TrustTargetFlags, issuer: string, check: Checker): Trusted {
  const hint = 'The id of the project, from its settings.';
  const id = check.required('--project-id', projectId, checkUuid, hint);
  if (id === undefined) return { subjects: [], claims: {} };
  return {
    subjects: [`org/${organizationOf(issuer)}/project/${id}/user/*`],
    claims: { 'oidc.circleci.com/project-id': id },
  };
}

const organizationOf = (issuer: string) => issuer.split('/').at(-1) ?? '';

/** IAM: https, no query; GitLab's own address has no slash at its end. */
function parseIssuer(text: string): string {
  if (!/^https:\/\/[a-z0-9.-]+(:\d+)?(\/[\w./~-]*)?$/i.test(text)) {
    throw new RuleError('must be an https address without query', 'For example https://gitlab.com.');
  }
  if (text.endsWith('/'))
    throw new RuleError('must not end with a slash', `GitLab's tokens say "${text.replace(/\/+$/, '')}".`);
  return text;
}

/** https://docs.gitlab.com/user/reserved_names/ */
function checkProject(text: string): string {
  if (!/^[\w.-]+(\/[\w.-]+)+$/.test(text))
    throw new RuleError('must be the path of a project: GROUP/PROJECT');
  return text;
}

/** https://git-scm.com/docs/git-check-ref-format: neither control characters nor any of " ~^:?*[\" */
function checkRef(text: string, mayBePattern: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the set that git gives
  if (!/^[^\u0000-\u0020\u007f~^:?[\\]+$/.test(text))
    throw new RuleError('must be the name of a branch or tag');
  if (/^refs\//.test(text)) throw new RuleError('must be the short name, without refs/heads/ or refs/tags/');
  if (text.includes('*') && !mayBePattern) {
    throw new RuleError(
      'must not have "*" for this issuer',
      'AWS cannot test ref_protected here, so that anybody who may push would get in.',
    );
  }
  return text;
}

/** https://docs.gitlab.com/ci/environments/#environment-naming, without the wildcards of IAM */
function checkEnvironment(text: string): string {
  if (!/^[\w ./{}$-]{1,255}$/.test(text)) throw new RuleError('must be the name of an environment');
  return text;
}

function checkUuid(text: string): string {
  if (!/^[0-9a-f-]{36}$/i.test(text))
    throw new RuleError('must be an id such as 6f1d2a7e-3a55-4d51-8a1f-0f6a2a1c9b10');
  return text;
}

function checkId(text: string): string {
  if (!/^\d{1,20}$/.test(text)) throw new RuleError('must be a number');
  return text;
}

function checkRoleName(text: string): string {
  if (!/^[\w+=,.@-]{1,64}$/.test(text)) throw new RuleError('must be 1 to 64 letters, digits or _+=,.@-');
  return text;
}

function checkPartition(text: string): string {
  if (!/^aws(-[a-z]+)*$/.test(text))
    throw new RuleError('must be a partition of AWS', 'For example aws, aws-cn, aws-us-gov.');
  return text;
}
