import { isDeepStrictEqual } from 'node:util';
import type { Iam, Role, Tags } from '../../aws-api/iam.ts';
import { AwsOidcError } from '../../errors.ts';
import { formatDiff } from '../../output/diff.ts';
import { generatePolicy, type TrustTarget } from '../../trust-policy/generate.ts';
import { normalized } from './normalized-policy.ts';
import { awsCommand, type Step, unchanged } from './step.ts';

/** The tag that tells which project a role was made for. */
export const projectTag = 'gitlab-project';

/** The role to create, or to compare with. */
export interface RolePlan {
  readonly target: TrustTarget;
  readonly project: string;
  readonly tags: Tags;
  readonly permissionsBoundary: string | undefined;
  /** Changes a role that exists and differs. */
  readonly updateRole: boolean;
}

/**
 * Plans the role and its trust policy.
 *
 * @throws {AwsOidcError} `REFUSED` if a role of this name differs and must not be changed
 */
export async function roleSteps(iam: Iam, plan: RolePlan): Promise<readonly Step[]> {
  const { roleName } = plan.target;
  const found = await iam.role(roleName);
  if (found === undefined) return [creation(iam, plan)];
  const changes = [...policyChange(iam, plan, found), ...sessionChange(iam, plan, found)];
  if (changes.length === 0) return [unchanged('role', `role ${roleName}, which trusts the same refs`)];
  if (!plan.updateRole) throw existsAlready(plan, found, changes);
  return changes;
}

function creation(iam: Iam, { target, project, tags, permissionsBoundary }: RolePlan): Step {
  const { roleName, maxSessionSeconds } = target;
  const trustPolicy = generatePolicy(target);
  return {
    resource: 'role',
    change: 'create',
    title: `role ${roleName}, sessions of up to ${maxSessionSeconds} s`,
    lines: jsonLines(trustPolicy),
    apply: () =>
      iam.createRole({
        name: roleName,
        description: `GitLab CI/CD jobs of ${project}`,
        trustPolicy,
        maxSessionSeconds,
        tags,
        permissionsBoundary,
      }),
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

function existsAlready({ target, project }: RolePlan, { arn, tags }: Role, changes: readonly Step[]) {
  const owner = tags[projectTag];
  const whose = owner === undefined ? 'setup did not create it' : `it was created for ${owner}`;
  const isOwn = owner === project;
  return new AwsOidcError(
    'REFUSED',
    `The role ${target.roleName} exists and differs${isOwn ? '' : `; ${whose}`}. Nothing was changed.`,
    {
      lines: [arn, ...changes.flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)])],
      hint: isOwn
        ? 'To change it as shown, add --update-role.'
        : 'Choose another name with --role-name; to change this role as shown, add --update-role.',
    },
  );
}

function jsonLines(value: unknown): readonly string[] {
  return JSON.stringify(value, null, 2).split('\n');
}
