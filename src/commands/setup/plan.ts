import type { Caller } from '../../aws-api/caller.ts';
import type { Iam, Role } from '../../aws-api/iam.ts';
import { providerName } from '../../identity/issuer.ts';
import type { RoleInclude } from '../../migration/component/role-include.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { providerArn, type TrustTarget } from '../../trust-policy/generate.ts';
import { checkExistingRole } from './existing-role.ts';
import type { SetupProject } from './find-project.ts';
import { permissionSteps } from './permission-steps.ts';
import { readPermissions } from './permissions.ts';
import { pipelineStep } from './pipeline-step.ts';
import { plannedInclude } from './planned-include.ts';
import { providerStep } from './provider-step.ts';
import { projectTag, roleSteps } from './role-steps.ts';
import type { SetupFlags } from './setup-flags.ts';
import { readSetupTarget } from './setup-target.ts';
import { type Step, unchanged, withProfile } from './step.ts';

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
  const provider = flags.provider
    ? await providerStep(iam, target, madeBy)
    : await givenProvider(iam, target);
  const { role, steps } = await roleAndPolicies(io, flags, project, target, iam);
  const include = plannedInclude(flags, project, target, role?.arn);
  const path = await pipelinePathHere(io, flags, project);
  const pipeline = path === undefined ? [] : [await pipelineStep(io, path, include)];
  const undoable = (step: Step) => withProfile(step, flags.profile);
  return { project, caller, target, include, steps: [provider, ...steps, ...pipeline].map(undoable) };
}

/** With `--no-provider`, somebody else manages it. */
async function givenProvider(iam: Iam, target: TrustTarget): Promise<Step> {
  const exists = (await iam.audiencesOf(providerArn(target))) !== undefined;
  const title = `identity provider ${providerName(target.issuer)}`;
  return unchanged('identity-provider', exists ? title : `${title}, which does not exist and is not created`);
}

async function roleAndPolicies(
  io: CommandLineIo,
  { updateRole, ...flags }: SetupFlags,
  { instance, path }: SetupProject,
  target: TrustTarget,
  iam: Iam,
): Promise<{ readonly role: Role | undefined; readonly steps: readonly Step[] }> {
  const project = `${instance}/${path}`;
  const permissions = await readPermissions(io, flags, target.partition);
  const { permissionsBoundary } = permissions;
  const tags = { ...madeBy, [projectTag]: project };
  const role = await iam.role(target.roleName);
  const steps = [
    ...roleSteps(iam, { target, project, tags, permissionsBoundary }, role),
    ...boundarySteps(permissionsBoundary, role),
    ...(await permissionSteps(iam, target.roleName, permissions, role === undefined)),
  ];
  if (role !== undefined) checkExistingRole({ role, steps, project, updateRole });
  return { role, steps };
}

/** A boundary limits what an existing role can do, so it is left to a person. */
function boundarySteps(wanted: string | undefined, role: Role | undefined): readonly Step[] {
  if (wanted === undefined || role === undefined || role.permissionsBoundary === wanted) return [];
  const title = `the permissions boundary of the role, which is not changed: ${role.permissionsBoundary ?? 'none'}`;
  return [unchanged('role', title)];
}

/**
 * The path of the pipeline from the working directory; undefined if it is not to be written: its project has no remote
 * here, or a link leads out of the repository.
 */
async function pipelinePathHere(
  io: CommandLineIo,
  { pipeline }: SetupFlags,
  { pipelinePath, isHere }: SetupProject,
): Promise<string | undefined> {
  if (!pipeline || !isHere || pipelinePath === undefined) return undefined;
  const above = await io.repositoryAbove('.');
  if (above === undefined) return undefined;
  const path = `${above}${pipelinePath}`;
  // a file that does not exist is no link
  const isElsewhere = await io.isLinkOutOf(above || '.', path).catch(() => false);
  return isElsewhere ? undefined : path;
}
