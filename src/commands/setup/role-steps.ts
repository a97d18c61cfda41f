import { isDeepStrictEqual } from 'node:util';
import type { Iam, Role, Tags } from '../../aws-api/iam.ts';
import { AwsOidcError } from '../../errors.ts';
import { formatDiff } from '../../output/diff.ts';
import { generatePolicy, type TrustTarget } from '../../trust-policy/generate.ts';
import { normalized } from './normalized-policy.ts';
import { awsCommand, type Step, unchanged } from './step.ts';

/** The tag that tells which project a role was made for. */
export const projectTag = 'gitlab-project';

/** The role as it should be. */
export interface RolePlan {
  readonly target: TrustTarget;
  readonly project: string;
  readonly tags: Tags;
  readonly permissionsBoundary: string | undefined;
}

/**
 * Plans the role and its trust policy.
 *
 * @param found the role, if it exists
 */
export function roleSteps(iam: Iam, plan: RolePlan, found: Role | undefined): readonly Step[] {
  if (found === undefined) return [creation(iam, plan)];
  const changes = [...policyChange(iam, plan, found), ...sessionChange(iam, plan, found)];
  const { roleName } = plan.target;
  return changes.length > 0 ? changes : [unchanged('role', `role ${roleName}, which trusts the same refs`)];
}

function creation(iam: Iam, { target, project, tags, permissionsBoundary }: RolePlan): Step {
  const { roleName, maxSessionSeconds } = target;
  const trustPolicy = generatePolicy(target);
  return {
    resource: 'role',
    change: 'create',
    title: `role ${roleName}, sessions of up to ${maxSessionSeconds} s`,
    lines: jsonLines(trustPolicy),
    apply: async () => {
      const description = `GitLab CI/CD jobs of ${project}`;
      const role = { trustPolicy, maxSessionSeconds, tags, permissionsBoundary };
      await iam.createRole({ ...role, name: roleName, description });
      checkOwn(await iam.role(roleName), project, roleName);
    },
    undo: awsCommand('iam', 'delete-role', '--role-name', roleName),
  };
}

function policyChange(iam: Iam, { target }: RolePlan, { trustPolicy }: Role): readonly Step[] {
  const wanted = generatePolicy(target);
  if (isDeepStrictEqual(normalized(trustPolicy), normalized(wanted))) return [];
  const { roleName } = target;
  const [before, after] = [trustPolicy, wanted].map((policy) => `${jsonLines(policy).join('\n')}\n`);
  const document = ['--policy-document', JSON.stringify(trustPolicy)];
  return [
    {
      resource: 'role',
      change: 'update',
      title: `trust policy of the role ${roleName}`,
      lines: formatDiff({ path: 'trust-policy.json', before: before ?? '', after: after ?? '' }, false),
      apply: () => iam.updateTrustPolicy(roleName, wanted),
      undo: awsCommand('iam', 'update-assume-role-policy', '--role-name', roleName, ...document),
    },
  ];
}

/** A role that allows longer sessions is left: they are what somebody wanted. */
function sessionChange(iam: Iam, { target }: RolePlan, { maxSessionSeconds }: Role): readonly Step[] {
  const { roleName, maxSessionSeconds: wanted } = target;
  if (maxSessionSeconds >= wanted) return [];
  const before = String(maxSessionSeconds);
  return [
    {
      resource: 'role',
      change: 'update',
      title: `role ${roleName}, sessions of up to ${wanted} s instead of ${before} s`,
      lines: [],
      apply: () => iam.updateMaxSession(roleName, wanted),
      undo: awsCommand('iam', 'update-role', '--role-name', roleName, '--max-session-duration', before),
    },
  ];
}

/** Creating a role that exists is no error, so somebody else may have created it meanwhile. */
function checkOwn(role: Role | undefined, project: string, name: string): void {
  if (role === undefined || role.tags[projectTag] === project) return;
  throw new AwsOidcError('REFUSED', `Somebody else created the role ${name} meanwhile. It was not changed.`, {
    hint: 'Choose another name with --role-name.',
  });
}

function jsonLines(value: unknown): readonly string[] {
  return JSON.stringify(value, null, 2).split('\n');
}
