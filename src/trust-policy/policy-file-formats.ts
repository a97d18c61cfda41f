import { resolveFunctions } from './intrinsic-functions.ts';
import { itemsOf, member, type Source, textOf } from './source.ts';

/** A policy in a document, not yet read. */
export interface RolePolicy {
  /** The role's name in the document; empty for a bare policy. */
  readonly role: string;
  readonly value: Source;
}

/** Finds the policies of all supported formats in a document. */
export function rolePolicies(source: Source): readonly RolePolicy[] {
  return [...bare(source), ...awsCli(source), ...cloudFormation(source), ...terraform(source)];
}

function bare(source: Source): readonly RolePolicy[] {
  if (member(source, 'Statement') !== undefined) return [{ role: '', value: source }];
  if (member(source, 'Effect') === undefined) return [];
  // a single statement
  const { offset } = source;
  const scalar: Source = { kind: 'scalar', value: '2012-10-17', offset };
  const entries = [
    { key: 'Version', offset, value: scalar },
    { key: 'Statement', offset, value: source },
  ];
  return [{ role: '', value: { kind: 'object', entries, offset } }];
}

/** https://docs.aws.amazon.com/cli/latest/reference/iam/get-role.html */
function awsCli(source: Source): readonly RolePolicy[] {
  const lists = ['Roles', 'RoleDetailList'].flatMap((name) => itemsOf(member(source, name)));
  const answer = member(member(source, 'GetRoleResponse'), 'GetRoleResult') ?? source;
  const roles = [member(answer, 'Role'), ...lists, source];
  return roles.flatMap((role) => {
    const value = member(role, 'AssumeRolePolicyDocument');
    return value === undefined ? [] : [{ role: textOf(member(role, 'RoleName')) ?? '', value }];
  });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
function cloudFormation(source: Source): readonly RolePolicy[] {
  const resources = member(source, 'Resources');
  if (resources?.kind !== 'object') return [];
  return resources.entries.flatMap(({ key, value }) => {
    const document = member(member(value, 'Properties'), 'AssumeRolePolicyDocument');
    if (document === undefined) return [];
    const template = { parameters: member(source, 'Parameters'), resources };
    return [{ role: key, value: resolveFunctions(document, template) }];
  });
}

/** The JSON output for a plan or a state, or a state file: https://developer.hashicorp.com/terraform/internals/json-format */
function terraform(source: Source): readonly RolePolicy[] {
  const roots = [member(source, 'planned_values'), member(source, 'values')];
  return [
    ...roots.flatMap((values) => terraformModule(member(values, 'root_module'))),
    ...terraformState(source),
  ];
}

/** Terraform's state file, in which a role is a resource with instances. */
function terraformState(source: Source): readonly RolePolicy[] {
  const resources = itemsOf(member(source, 'resources')).filter(
    (resource) => textOf(member(resource, 'type')) === 'aws_iam_role',
  );
  return resources.flatMap((resource) =>
    itemsOf(member(resource, 'instances')).flatMap((instance) => {
      const value = member(member(instance, 'attributes'), 'assume_role_policy');
      const role = `aws_iam_role.${textOf(member(resource, 'name')) ?? ''}`;
      return value === undefined ? [] : [{ role, value }];
    }),
  );
}

function terraformModule(module: Source | undefined): readonly RolePolicy[] {
  const own = itemsOf(member(module, 'resources')).flatMap((resource) => {
    const value = member(member(resource, 'values'), 'assume_role_policy');
    if (value === undefined || textOf(member(resource, 'type')) !== 'aws_iam_role') return [];
    return [{ role: textOf(member(resource, 'address')) ?? '', value }];
  });
  return [...own, ...itemsOf(member(module, 'child_modules')).flatMap(terraformModule)];
}
