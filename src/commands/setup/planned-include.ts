import type { RoleInclude } from '../../migration/component/role-include.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
import type { SetupProject } from './find-project.ts';
import type { SetupFlags } from './setup-flags.ts';
import { rulesFor } from './trusted-refs.ts';

/** The include of the component for the role, with the rules that select the refs that it trusts. */
export function plannedInclude(
  flags: SetupFlags,
  project: SetupProject,
  target: TrustTarget,
  existingArn?: string,
): RoleInclude {
  const { partition, account, roleName, issuer, audience } = target;
  return {
    component: flags.component,
    version: flags.componentVersion,
    // an existing role may have a path
    roleArn: existingArn ?? `arn:${partition}:iam::${account}:role/${roleName}`,
    region: flags.region,
    audience: audience === issuer ? undefined : audience,
    rules: rulesFor(project, project.defaultBranch),
  };
}
