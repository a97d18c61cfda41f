import type { PermissionStatement } from './identity-policy.ts';
import { contains, matches, matchesEverything, overlap } from './pattern-sets.ts';

/** The role whose permissions are judged. */
export interface JudgedRole {
  readonly arn: string;
  /** ARNs of the customer managed policies that are attached to it. */
  readonly policyArns: readonly string[];
}

/** Does the statement concern this action, which has no wildcard? */
export function concerns({ actions, exceptActions }: PermissionStatement, action: string): boolean {
  return actions.some((pattern) => matches(action, pattern)) !== exceptActions;
}

/**
 * Does a Deny exclude everything that the pattern of an action matches? Only a Deny for all resources, without
 * conditions, counts: any other leaves something allowed.
 */
export function isDenied(pattern: string, denying: readonly PermissionStatement[]): boolean {
  return denying.some((deny) => {
    if (deny.isConditional || deny.exceptResources || !deny.resources.some(matchesEverything)) return false;
    return deny.exceptActions
      ? !deny.actions.some((except) => overlap(except, pattern))
      : deny.actions.some((denied) => contains(denied, pattern));
  });
}

/** Does the statement apply to all resources of a service? `NotResource` leaves almost all of them. */
export function isForAll({ resources, exceptResources }: PermissionStatement, service: string): boolean {
  return exceptResources || resources.some((one) => matchesEverything(one) || isWholeService(one, service));
}

/** Does it apply to IAM roles, users, groups or policies that it does not list, in any account? */
export function isForAnyoneInIam({ resources, exceptResources }: PermissionStatement): boolean {
  return exceptResources || resources.some(isAnyoneInIam);
}

/** Does it match names that nobody has chosen? */
function isAnyoneInIam(resource: string): boolean {
  const [, partition = '*', , account = '*'] = /^arn:([^:]*):([^:]*)::([^:]*):/.exec(resource) ?? [];
  const own = (part: string, example: string) => (/[*?]/.test(part) ? example : part);
  const start = `arn:${own(partition, 'aws')}:iam::${own(account, '111111111111')}`;
  return ['role', 'user', 'group', 'policy'].some((type) =>
    matches(`${start}:${type}/-unlisted/-name-`, resource),
  );
}

/** Does it apply to the role itself, or to a policy that is attached to it? */
export function isForItself({ resources }: PermissionStatement, { arn, policyArns }: JudgedRole): boolean {
  return [arn, ...policyArns].some((own) => resources.some((pattern) => matches(own, pattern)));
}

/** Does it apply to anything in IAM? */
export function isForIam({ resources, exceptResources }: PermissionStatement): boolean {
  return exceptResources || resources.some(mayBeInIam);
}

/** The service in an ARN cannot have a wildcard. */
function mayBeInIam(resource: string): boolean {
  const [, service] = /^arn:[^:]*:([\w-]+):/.exec(resource) ?? [];
  return service === undefined ? overlap(resource, 'arn:*:iam::*') : service === 'iam';
}

/** `arn:aws:s3:::*` */
function isWholeService(resource: string, service: string): boolean {
  const [, named = '', rest = ''] = /^arn:[^:]*:([^:]*):[^:]*:[^:]*:(.*)$/.exec(resource) ?? [];
  return matchesEverything(rest) && contains(named, service);
}
