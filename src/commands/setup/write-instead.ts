import { type Caller, callerOf } from '../../aws-api/caller.ts';
import { connect } from '../../aws-api/default-credentials.ts';
import { type ExitCode, exitCodes } from '../../errors.ts';
import { includeLines } from '../../migration/component/role-include.ts';
import type { JobLog } from '../../output/job-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { formatRole } from '../../trust-policy/write-role.ts';
import { readBundle } from '../input/session-input.ts';
import { awsCliScript } from './aws-cli-script.ts';
import type { SetupProject } from './find-project.ts';
import { readPermissions } from './permissions.ts';
import { plannedInclude } from './planned-include.ts';
import type { SetupFlags } from './setup-flags.ts';
import { readSetupTarget } from './setup-target.ts';

/** Prints the provider and the role as a template or script. Nothing is changed; with `--account`, AWS is not asked. */
export async function writeInstead(
  io: CommandLineIo,
  flags: SetupFlags,
  project: SetupProject,
  log: JobLog,
): Promise<ExitCode> {
  const caller = await accountOf(io, flags);
  const target = readSetupTarget(flags, project, caller);
  const permissions = await readPermissions(io, flags, caller.partition);
  const text =
    flags.output === 'terraform' || flags.output === 'cloudformation'
      ? formatRole(flags.output, target, permissions)
      : awsCliScript(target, permissions);
  await io.out(text);
  for (const notice of project.notices) log.notice(notice);
  if (flags.provider) log.notice('If the account already has the identity provider, add --no-provider.');
  log.title('Include this in the pipeline:');
  for (const line of [
    'include:',
    ...includeLines(plannedInclude(flags, project, target)).map((one) => `  ${one}`),
  ]) {
    log.detail(line);
  }
  return exitCodes.done;
}

async function accountOf(io: CommandLineIo, flags: SetupFlags): Promise<Caller> {
  const { account, partition = 'aws' } = flags;
  if (account !== undefined) return { account, partition, arn: '' };
  return await callerOf(await connect({ ...flags, ca: await readBundle(io) }, io.env));
}
