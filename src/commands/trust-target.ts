import { AwsOidcError, type Problem, RuleError } from '../errors.ts';
import { parseRoleArn } from '../exchange/arn.ts';
import { inputChecker } from '../exchange/input-checker.ts';
import { checkAccountId, parseDuration } from '../exchange/option-values.ts';
import { issuerKind, providerName } from '../identity/issuer.ts';
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
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
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
  const trusted = readProject(flags, flags.project === undefined ? env : {}, issuer, check);
  if (trusted.ref === undefined && !problems.some(({ name }) => /branch|tag/.test(name))) {
    const hint = 'A role that trusts every ref trusts whoever may push.';
    problems.push({ name: '--branch', rule: 'must be given, or else --tag, one of them', hint });
  }
  if (problems.length > 0) {
    throw new AwsOidcError('INVALID_INPUT', 'The role cannot be written like this.', { problems });
  }
  return {
    issuer,
    audience: flags.audience ?? issuer,
    ...role,
    subject: `project_path:${trusted.project}:${trusted.ref}`,
    projectId: trusted.projectId,
    namespaceId: trusted.namespaceId,
    withProvider: flags.provider ?? true,
  };
}

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

function readProject(flags: TrustTargetFlags, job: Environment, issuer: string, check: Checker) {
  const onGitlabCom = issuerKind(providerName(issuer)) === 'gitlab.com';
  const ref = (text: string) => checkRef(text, onGitlabCom);
  const named = flags.branch !== undefined || flags.tag !== undefined;
  const branch = check.optional('--branch', flags.branch ?? (named ? undefined : job.CI_COMMIT_BRANCH), ref);
  const tag = check.optional('--tag', flags.tag ?? (named ? undefined : job.CI_COMMIT_TAG), ref);
  const id = (name: string, text: string | undefined, page: string) =>
    onGitlabCom
      ? check.required(name, text, checkId, `The ${page}'s page shows it. It outlives a rename.`)
      : check.optional(name, text, checkId);
  return {
    project: check.required('--project', flags.project ?? job.CI_PROJECT_PATH, checkProject, fromJob),
    projectId: id('--project-id', flags.projectId ?? job.CI_PROJECT_ID, 'project'),
    namespaceId: id('--namespace-id', flags.namespaceId ?? job.CI_PROJECT_NAMESPACE_ID, 'group'),
    ref: onlyRef(branch, tag),
  };
}

/** Undefined for none, and for both. */
function onlyRef(branch: string | undefined, tag: string | undefined): string | undefined {
  if (tag === undefined) return branch === undefined ? undefined : `ref_type:branch:ref:${branch}`;
  return branch === undefined ? `ref_type:tag:ref:${tag}` : undefined;
}

/** IAM: https, no query; GitLab's own address has no slash at its end. */
function parseIssuer(text: string): string {
  if (!/^https:\/\/[a-z0-9.-]+(:\d+)?(\/[\w./~-]*)?$/i.test(text)) {
    throw new RuleError('must be an https address without query', 'For example https://gitlab.com.');
  }
  if (text.endsWith('/'))
    throw new RuleError('must not end with a slash', `GitLab's tokens say "${text.replace(/\/+$/, '')}".`);
  if (issuerKind(providerName(text)) === 'circleci') {
    throw new RuleError(
      'must be a GitLab instance',
      'examples/circleci/trust-policy.json of this project is one for CircleCI.',
    );
  }
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
