import { includeLines } from '../../migration/component/role-include.ts';
import type { JobLog } from '../../output/job-log.ts';
import { type AccessCheck, isAsWanted } from './access-check.ts';
import type { Plan } from './plan.ts';
import type { StartedPipeline } from './run-pipeline.ts';
import type { SetupFlags } from './setup-flags.ts';
import { awsCommand, type Step } from './step.ts';

/** What setup did, or would do. */
export interface SetupResult {
  readonly plan: Plan;
  /** False if the plan was only shown. */
  readonly applied: boolean;
  readonly access: readonly AccessCheck[];
  /** The pipeline that got credentials, if one was started. */
  readonly pipeline: StartedPipeline | undefined;
}

const signs: Record<Step['change'], string> = { create: '+', update: '~', none: '=' };

/** Prints what would be changed, before anything is. */
export function printPlan(report: JobLog, { steps, caller, project }: Plan): void {
  report.title(
    `Plan for ${project.instance}/${project.path} in account ${caller.account}, as ${caller.arn}:`,
  );
  for (const { change, title, lines } of steps) {
    report.detail(`${signs[change]} ${title}${lines.length === 0 ? '' : ':'}`);
    for (const line of lines) report.detail(`    ${line}`);
  }
  const count = steps.filter(({ change }) => change !== 'none').length;
  report.title(count === 0 ? 'Nothing to change.' : `${count} ${count === 1 ? 'change' : 'changes'}.`);
}

/** Prints who can assume the role. */
export function printAccess(report: JobLog, checks: readonly AccessCheck[], title: string): void {
  report.title(title);
  for (const { job, wanted, decision } of checks) {
    const line = `${job}: ${decisions[decision]}`;
    if (wanted === (decision === 'allow')) report.done(line);
    else report.failure(`${line}, but should be ${wanted ? 'allowed' : 'denied'}`);
  }
}

const decisions: Record<AccessCheck['decision'], string> = {
  allow: 'allowed',
  'implicit-deny': 'denied',
  'explicit-deny': 'denied',
  unknown: 'depends on the request',
};

/** Prints what is left to do by hand. */
export function printNext(
  report: JobLog,
  flags: SetupFlags,
  { steps, include, target, project }: Plan,
): void {
  const isNew = steps.some(({ resource, change }) => resource === 'role' && change === 'create');
  if (isNew && flags.policyArn === undefined && flags.policy === undefined) {
    report.title('The role has no permissions yet. To attach a policy, run:');
    const words = ['attach-role-policy', '--role-name', target.roleName, '--policy-arn', 'ARN'];
    const profile = flags.profile === undefined ? [] : ['--profile', flags.profile];
    report.detail(awsCommand('iam', ...words, ...profile));
  }
  const pipeline = steps.find(({ resource }) => resource === 'pipeline');
  if (pipeline === undefined) {
    report.title(`Add this to the pipeline of ${project.path}, which setup does not write here:`);
    for (const line of ['include:', ...includeLines(include).map((one) => `  ${one}`)]) report.detail(line);
  } else if (pipeline.change !== 'none') {
    report.title('Commit and push the pipeline. Jobs that extend .with-assume-role then have credentials.');
  }
}

/** The result as JSON values. */
export function setupToJson({ plan, applied, access, pipeline }: SetupResult) {
  const { project, caller, include, target, steps } = plan;
  const { instance, path, notices } = project;
  return {
    project: { instance, path },
    caller,
    roleArn: include.roleArn,
    maxSessionSeconds: target.maxSessionSeconds,
    applied,
    steps: steps.map(({ resource, change, title, undo }) => ({ resource, change, title, undo })),
    access: access.map(({ job, wanted, decision }) => ({ job, wanted, decision })),
    accessAsWanted: isAsWanted(access),
    include: includeLines(include).join('\n'),
    notices,
    pipeline,
  };
}
