import { callerOf } from '../../aws-api/caller.ts';
import { connect } from '../../aws-api/default-credentials.ts';
import { createIam, type Iam } from '../../aws-api/iam.ts';
import { AwsOidcError, type ExitCode, exitCodes } from '../../errors.ts';
import { reportFailure } from '../../output/failure.ts';
import { JobLog } from '../../output/job-log.ts';
import { formatJson } from '../../output/json.ts';
import { redactingLog, redactingReport, secretsOf } from '../../output/redacting-log.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { generatePolicy } from '../../trust-policy/generate.ts';
import { readBundle } from '../input/session-input.ts';
import { checkAccess, isAsWanted } from './access-check.ts';
import { applyPlan } from './apply-plan.ts';
import { findProject, type SetupProject } from './find-project.ts';
import { makePlan, type Plan } from './plan.ts';
import { printAccess, printNext, printPlan, type SetupResult, setupToJson } from './report.ts';
import { type PipelineToRun, pipelineToRun, runPipeline } from './run-pipeline.ts';
import type { SetupFlags } from './setup-flags.ts';
import { policyFrom, verifyRole } from './verify-role.ts';
import { writeInstead } from './write-instead.ts';

/**
 * Sets up the first credentials of a project: identity provider, role, policies, and the include in its pipeline. Shows
 * the plan first, and changes nothing without `yes` or an answer on the terminal.
 *
 * @returns 1 if the role does not do what it should, or something failed
 */
export async function setupCommand(io: CommandLineIo, flags: SetupFlags): Promise<ExitCode> {
  try {
    const project = await findProject(io, flags);
    return await setupProject(io, flags, project);
  } catch (error) {
    return reportFailure(redactingLog(io), error);
  }
}

async function setupProject(io: CommandLineIo, flags: SetupFlags, project: SetupProject): Promise<ExitCode> {
  const secrets = [...secretsOf(io.env), ...project.secrets];
  const log = new JobLog(io, secrets);
  try {
    const toRun = flags.run ? pipelineToRun(project) : undefined;
    if (flags.output !== undefined) return await writeInstead(io, flags, project, log);
    const connection = await connect({ ...flags, ca: await readBundle(io), mfaCode: mfaCode(io) }, io.env);
    const caller = await callerOf(connection);
    const iam = createIam(connection);
    const plan = await makePlan(io, flags, project, caller, iam);
    const result = await carryOut(io, flags, plan, iam, log, toRun);
    if (flags.format === 'json') await io.out(formatJson(setupToJson(result), secrets));
    return isAsWanted(result.access) ? exitCodes.done : exitCodes.failed;
  } catch (error) {
    return reportFailure(log, error);
  }
}

/** Shows the plan, makes it if that is wanted, and checks the result. */
async function carryOut(
  io: CommandLineIo,
  flags: SetupFlags,
  plan: Plan,
  iam: Iam,
  log: JobLog,
  toRun: PipelineToRun | undefined,
): Promise<SetupResult> {
  const { project, target, steps } = plan;
  // with JSON, standard output has the result alone
  const report = flags.format === 'json' ? log : redactingReport(io);
  for (const notice of project.notices) log.notice(notice);
  printPlan(report, plan);
  const planned = checkAccess(policyFrom(generatePolicy(target)), target, project, io.now());
  printAccess(report, planned, 'Who can assume the role then:');
  if (!(await isApproved(io, flags, plan))) {
    const run = toRun === undefined ? '' : ' No pipeline was started.';
    log.notice(`Nothing was changed. To make these changes, add --yes.${run}`);
    return { plan, applied: false, access: planned, pipeline: undefined };
  }
  await applyPlan(steps, log);
  const { policy, findings } = await verifyRole(iam, target);
  const access = checkAccess(policy, target, project, io.now());
  if (isAsWanted(access)) log.done('Read back from IAM: the role and the identity provider are as planned.');
  else printAccess(report, access, 'Read back from IAM, who can assume the role:');
  for (const { severity, detail, fix } of findings) log.notice(`${severity}: ${detail}. ${fix}`);
  const pipeline = toRun && (await runPipeline(toRun, plan.include.roleArn, log));
  printNext(report, flags, plan);
  return { plan, applied: true, access, pipeline };
}

/** Asks only if there is something to decide. */
async function isApproved(io: CommandLineIo, { yes }: SetupFlags, { steps }: Plan): Promise<boolean> {
  if (yes || steps.every(({ change }) => change === 'none')) return true;
  return (await io.ask('Make these changes? Type "yes": ')) === 'yes';
}

function mfaCode(io: CommandLineIo) {
  return async (serial: string) => {
    const code = await io.ask(`MFA code of ${serial}: `);
    if (code !== undefined) return code;
    throw new AwsOidcError('INVALID_INPUT', 'The AWS profile needs an MFA code, and nobody can be asked.', {
      hint: 'Use the credentials of a session that has one, for example from "aws sts get-session-token".',
    });
  };
}
