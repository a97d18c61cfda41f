import { type ExitCode, exitCodes } from '../../errors.ts';
import { quotePosix } from '../../hand-off/quote.ts';
import { reportFailure } from '../../output/failure.ts';
import { JobLog } from '../../output/job-log.ts';
import type { Io } from '../../system/io.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
import { formatRole, type TemplateFormat } from '../../trust-policy/role-template.ts';
import { readTrustTarget } from './trust-target.ts';
import type { TrustTargetFlags } from './trust-target-flags.ts';

/** Writes a role that trusts one ref of one project, as safe as the issuer allows. */
export async function trustPolicyGenerateCommand(
  io: Io,
  flags: TrustTargetFlags & { readonly format: TemplateFormat },
): Promise<ExitCode> {
  const log = new JobLog(io, []);
  try {
    const target = readTrustTarget(flags, io.env);
    await io.out(formatRole(flags.format, target));
    for (const notice of notices(flags, target)) log.notice(notice);
    if (flags.format === 'json') {
      log.title('With the policy in trust.json:');
      for (const command of awsCliCommands(target)) log.detail(command);
    }
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

/** What must be true beside the policy. */
function notices(
  { environment, mergeRequests }: TrustTargetFlags,
  { issuer, subjects }: TrustTarget,
): readonly string[] {
  const found: string[] = [];
  if (environment !== undefined) {
    found.push(
      'AWS has no condition key for environments: set ci_id_token_sub_claim_components of the project to ["project_path", "environment"] with the Projects API. Protect the environment: anybody who may deploy to it gets in.',
    );
    if (subjects.length > environment.length) {
      found.push(
        "A project's tokens all have one form of sub: they can match the refs or the environments in this policy, not both.",
      );
    }
  }
  if (mergeRequests) {
    found.push(
      'Whoever may push a branch of the project can open a merge request, and gets in: let the role read only.',
    );
  }
  if (/^https:\/\/[^/]+:\d/.test(issuer)) {
    found.push('The issuer has a port. AWS advises against that: serve GitLab on 443, if you can.');
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
  const provider = `aws iam create-open-id-connect-provider --url ${quotePosix(issuer)} --client-id-list ${quotePosix(audience)}`;
  const role = `aws iam create-role --role-name ${quotePosix(roleName)} --max-session-duration ${maxSessionSeconds} --assume-role-policy-document file://trust.json`;
  return withProvider ? [provider, role] : [role];
}
