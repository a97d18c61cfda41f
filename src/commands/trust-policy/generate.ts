import { type ExitCode, exitCodes } from '../../errors.ts';
import { quotePosix } from '../../hand-off/quote.ts';
import { reportFailure } from '../../output/failure.ts';
import { JobLog } from '../../output/job-log.ts';
import type { Io } from '../../system/io.ts';
import { type ChainedRole, passedActions } from '../../trust-policy/chained-role.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
import { formatChainedRole, formatRole, type TemplateFormat } from '../../trust-policy/write-role.ts';
import { readChainedRole } from './chained-role-flags.ts';
import { minMaxSessionSeconds, readTrustTarget } from './trust-target.ts';
import type { TrustTargetFlags } from './trust-target-flags.ts';

/** Prints a trust policy or role for a project, with every condition that the issuer supports, or for other roles. */
export async function trustPolicyGenerateCommand(
  io: Io,
  flags: TrustTargetFlags & { readonly format: TemplateFormat },
): Promise<ExitCode> {
  const log = new JobLog(io, []);
  try {
    const chained = readChainedRole(flags);
    if (chained !== undefined) {
      await io.out(formatChainedRole(flags.format, chained));
      log.notice(permissionsNotice(chained));
      if (flags.format === 'json') printCommands(log, [createRole(chained.roleName, minMaxSessionSeconds)]);
      return exitCodes.done;
    }
    const target = readTrustTarget(flags, io.env);
    await io.out(formatRole(flags.format, target));
    for (const notice of notices(flags, target)) log.notice(notice);
    if (flags.format === 'json') printCommands(log, awsCliCommands(target));
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

function printCommands(log: JobLog, commands: readonly string[]): void {
  log.title('With this policy in trust.json, run:');
  for (const command of commands) log.detail(command);
}

/** Another account's role needs both policies; for one in the same account, the trust policy is enough. */
function permissionsNotice(chained: ChainedRole): string {
  const actions = ['sts:AssumeRole', ...passedActions(chained)];
  return `The permissions of ${chained.chainedFrom.join(' and ')} must allow ${actions.join(', ')} on this role, if it is in another account.`;
}

/** What the user must do or know in addition to the policy. */
function notices(
  { environment, mergeRequests }: TrustTargetFlags,
  { issuer, subjects }: TrustTarget,
): readonly string[] {
  const found: string[] = [];
  if (environment !== undefined) {
    found.push(
      'AWS has no condition key for environments: the sub must contain it. With the Projects API, set ci_id_token_sub_claim_components to ["project_path", "environment"]; check first that your GitLab accepts "environment" there. Protect the environment: anyone who can deploy to it can assume the role.',
    );
    if (subjects.length > environment.length) {
      found.push(
        'All tokens of a project have the same form of sub: they can match the refs or the environments in this policy, not both.',
      );
    }
  }
  if (mergeRequests) {
    found.push(
      'Anyone who can push a branch to the project can open a merge request and assume the role: make the role read-only.',
    );
  }
  if (/^https:\/\/[^/]+:\d/.test(issuer)) {
    found.push(
      "The issuer's address has a port. AWS advises against ports: serve GitLab on port 443 if possible.",
    );
  }
  return found;
}

function awsCliCommands({
  issuer,
  audience,
  roleName,
  maxSessionSeconds,
  withProvider,
}: TrustTarget): readonly string[] {
  // as JSON, because version 1 of the AWS CLI would fetch a plain URL
  const provider = `aws iam create-open-id-connect-provider --url ${quotePosix(issuer)} --client-id-list ${quotePosix(JSON.stringify([audience]))}`;
  const role = createRole(roleName, maxSessionSeconds);
  return withProvider ? [provider, role] : [role];
}

function createRole(roleName: string, maxSessionSeconds: number): string {
  return `aws iam create-role --role-name ${quotePosix(roleName)} --max-session-duration ${maxSessionSeconds} --assume-role-policy-document file://trust.json`;
}
