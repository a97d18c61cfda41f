import type { Caller } from '../../aws-api/caller.ts';
import type { Iam } from '../../aws-api/iam.ts';
import type { RoleInclude } from '../../migration/component/role-include.ts';
import type { CommandLineIo } from '../../system/io.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
import type { SetupProject } from './find-project.ts';
import { permissionSteps } from './permission-steps.ts';
import { readPermissions } from './permissions.ts';
import { pipelineStep } from './pipeline-step.ts';
import { plannedInclude } from './planned-include.ts';
import { providerStep } from './provider-step.ts';
import { projectTag, roleSteps } from './role-steps.ts';
import type { SetupFlags } from './setup-flags.ts';
import { readSetupTarget } from './setup-target.ts';
import type { Step } from './step.ts';

/** What is there, what should be, and the changes between them. */
export interface Plan {
  readonly project: SetupProject;
  readonly caller: Caller;
  readonly target: TrustTarget;
  readonly include: RoleInclude;
  /** In the order in which they are made. */
  readonly steps: readonly Step[];
}

const madeBy = { 'created-by': 'aws-oidc' };

/**
 * Plans the changes, from what IAM and the pipeline have now. Changes nothing.
 *
 * @throws {AwsOidcError} if an input is invalid, or the role exists and must not be changed
 */
export async function makePlan(
  io: CommandLineIo,
  flags: SetupFlags,
  project: SetupProject,
  caller: Caller,
  iam: Iam,
): Promise<Plan> {
  const target = readSetupTarget(flags, project, caller);
  const include = plannedInclude(flags, project, target);
  const path = await pipelinePathHere(io, flags, project);
  const steps = [
    ...(flags.provider ? [await providerStep(iam, target, madeBy)] : []),
    ...(await roleAndPolicies(io, flags, project, target, iam)),
    ...(path === undefined ? [] : [await pipelineStep(io, path, include)]),
  ];
  return { project, caller, target, include, steps };
}

async function roleAndPolicies(
  io: CommandLineIo,
  flags: SetupFlags,
  { instance, path }: SetupProject,
  target: TrustTarget,
  iam: Iam,
): Promise<readonly Step[]> {
  const project = `${instance}/${path}`;
  const permissions = await readPermissions(io, flags, target.partition);
  const { permissionsBoundary } = permissions;
  const tags = { ...madeBy, [projectTag]: project };
  const { updateRole } = flags;
  const role = await roleSteps(iam, { target, project, tags, permissionsBoundary, updateRole });
  const isNew = role.some(({ change }) => change === 'create');
  return [...role, ...(await permissionSteps(iam, target.roleName, permissions, isNew))];
}

/** The path of the pipeline from the working directory; undefined if it is not to be written. */
async function pipelinePathHere(
  io: CommandLineIo,
  { pipeline }: SetupFlags,
  { pipelinePath }: SetupProject,
): Promise<string | undefined> {
  const above = pipeline && pipelinePath !== undefined ? await io.repositoryAbove('.') : undefined;
  return above === undefined ? undefined : `${above}${pipelinePath}`;
}
