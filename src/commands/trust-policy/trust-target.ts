import type { Environment } from '../../environment-variables.ts';
import { AwsOidcError, type Problem, RuleError } from '../../errors.ts';
import { parseRoleArn } from '../../identity/arn.ts';
import { issuerKind, providerName } from '../../identity/issuer.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
import { inputChecker } from '../../validation/input-checker.ts';
import { checkAccountId, parseDuration } from '../../validation/values.ts';
import type { TrustTargetFlags } from './trust-target-flags.ts';
import { type Checker, circleciProject, fromJob, gitlabProject, organizationOf } from './trusted-subjects.ts';

/**
 * Checks what a role should trust. Missing flags default to the values of the job: its project and its ref.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with all problems
 */
export function readTrustTarget(flags: TrustTargetFlags, env: Environment): TrustTarget {
  const problems: Problem[] = [...chainFlagProblems(flags)];
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
    const hint = 'A role that trusts every ref trusts everyone who can push.';
    const rule = 'must be set, or --tag, --environment or --merge-requests; the first three can be repeated';
    problems.push({ name: '--branch', rule, hint });
  }
  if (problems.length > 0) {
    throw new AwsOidcError('INVALID_INPUT', 'Invalid input.', { problems });
  }
  const audience = flags.audience ?? (kind === 'circleci' ? organizationOf(issuer) : issuer);
  return { issuer, audience, ...role, ...trusted, withProvider: flags.provider ?? true };
}

/** Tokens have no external ID; GitLab's have neither tags nor a source identity. */
function chainFlagProblems({
  externalId,
  sessionTags,
  sourceIdentity,
}: TrustTargetFlags): readonly Problem[] {
  const rule = 'must not be set without --chained-from';
  return [
    ...(externalId === undefined ? [] : [{ name: '--external-id', rule }]),
    ...(sessionTags === false ? [{ name: '--no-session-tags', rule }] : []),
    ...(sourceIdentity ? [{ name: '--source-identity', rule }] : []),
  ];
}

function readRole(flags: TrustTargetFlags, env: Environment, check: Checker) {
  const arn = flags.account === undefined ? env.AWS_OIDC_ROLE_ARN || undefined : undefined;
  const role = check.optional('AWS_OIDC_ROLE_ARN', arn, parseRoleArn);
  const account = flags.account ?? role?.account;
  const roleName = flags.roleName ?? role?.name ?? 'gitlab-ci';
  const duration = (text: string) => Math.max(minMaxSessionSeconds, parseDuration(text));
  return {
    account:
      check.required('--account', account, checkAccountId, 'The account ID of the role, 12 digits.') ?? '',
    partition: check.optional('--partition', flags.partition ?? role?.partition, checkPartition) ?? 'aws',
    roleName: check.optional('--role-name', roleName, checkRoleName) ?? '',
    maxSessionSeconds: check.optional('--duration', flags.duration, duration) ?? minMaxSessionSeconds,
  };
}

/** IAM's minimum for a role: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const minMaxSessionSeconds = 3600;

/**
 * IAM requires https and no query; GitLab's issuer has no trailing slash.
 *
 * @throws {RuleError}
 */
export function parseIssuer(text: string): string {
  if (!/^https:\/\/[a-z0-9.-]+(:\d+)?(\/[\w./~-]*)?$/i.test(text)) {
    throw new RuleError('must be an https URL without query', 'For example https://gitlab.com.');
  }
  if (text.endsWith('/'))
    throw new RuleError(
      'must not end with a slash',
      `The iss of GitLab's tokens is "${text.replace(/\/+$/, '')}".`,
    );
  return text;
}

/** @throws {RuleError} */
export function checkRoleName(text: string): string {
  if (!/^[\w+=,.@-]{1,64}$/.test(text)) throw new RuleError('must be 1 to 64 letters, digits or _+=,.@-');
  return text;
}

function checkPartition(text: string): string {
  if (!/^aws(-[a-z]+)*$/.test(text))
    throw new RuleError('must be an AWS partition', 'For example aws, aws-cn, aws-us-gov.');
  return text;
}
