import { AwsOidcError, type Problem } from '../../errors.ts';
import { checkExternalId } from '../../exchange/option-values.ts';
import { parseRoleArn } from '../../identity/arn.ts';
import type { ChainedRole } from '../../trust-policy/chained-role.ts';
import { inputChecker } from '../../validation/input-checker.ts';
import { checkRoleName } from './trust-target.ts';
import type { TrustTargetFlags } from './trust-target-flags.ts';

/** Flags about tokens, which chained roles do not have. */
const tokenFlags = {
  issuer: '--issuer',
  audience: '--audience',
  account: '--account',
  partition: '--partition',
  project: '--project',
  projectId: '--project-id',
  namespaceId: '--namespace-id',
  branch: '--branch',
  tag: '--tag',
  environment: '--environment',
  mergeRequests: '--merge-requests',
  duration: '--duration',
} as const;

/**
 * Reads the role that the flags describe, if other roles assume it.
 *
 * @returns undefined without `--chained-from`
 * @throws {AwsOidcError} `INVALID_INPUT` with all problems
 */
export function readChainedRole(flags: TrustTargetFlags): ChainedRole | undefined {
  const { chainedFrom, sessionTags = true, sourceIdentity = false } = flags;
  if (chainedFrom === undefined) return undefined;
  const problems: Problem[] = Object.entries(tokenFlags).flatMap(([key, name]) =>
    flags[key as keyof typeof tokenFlags] === undefined
      ? []
      : [{ name, rule: 'must not be set with --chained-from' }],
  );
  const check = inputChecker(problems);
  const arns = chainedFrom.map((arn) => check.optional('--chained-from', arn, parseRoleArn)?.arn ?? '');
  const externalId = check.optional('--external-id', flags.externalId, checkExternalId);
  const roleName = check.optional('--role-name', flags.roleName ?? 'gitlab-ci', checkRoleName) ?? '';
  if (problems.length > 0) throw new AwsOidcError('INVALID_INPUT', 'Invalid input.', { problems });
  return { chainedFrom: arns, externalId, sessionTags, sourceIdentity, roleName };
}
