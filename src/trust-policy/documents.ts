import { type Place, placeFinder } from '../text/place.ts';
import { TextError } from '../text/text-error.ts';
import { resolveFunctions } from './intrinsic-functions.ts';
import { readJson } from './json-source.ts';
import { readPolicy, type TrustPolicy } from './policy.ts';
import { itemsOf, member, type Source, textOf } from './source.ts';
import { readYaml } from './yaml-source.ts';

/** A trust policy in a file, and what the file calls its role. */
export interface FoundPolicy {
  /** Empty for a policy that is a file of its own. */
  readonly role: string;
  readonly policy: TrustPolicy;
  /** Where in the file an offset of the policy is. */
  readonly place: (offset: number) => Place;
  /** The policy alone, as JSON. */
  readonly json: unknown;
}

/**
 * Finds the trust policies of a file: a bare policy, what `aws iam get-role` and `list-roles` print, a
 * template of CloudFormation (YAML or JSON), or what `terraform show -json` prints.
 *
 * @throws {TextError} where the file is none of these
 */
export function findPolicies(text: string): readonly FoundPolicy[] {
  const source = read(text);
  const found = [...bare(source), ...awsCli(source), ...cloudFormation(source), ...terraform(source)];
  if (found.length === 0) throw noPolicy();
  const place = placeFinder(text);
  return found.map(({ role, value }) => located(role, value, place));
}

function read(text: string): Source {
  if (/^\uFEFF?\s*[{[]/.test(text)) return readJson(text.replace(/^\uFEFF/, ' '));
  // YAML takes its time
  if (text.length > 100_000 && !/AssumeRolePolicyDocument|Statement/.test(text)) throw noPolicy();
  return readYaml(text);
}

function noPolicy(): TextError {
  return new TextError(
    'no trust policy in it: neither a policy, nor a role, a template or a plan with one',
    0,
  );
}

interface Found {
  readonly role: string;
  readonly value: Source;
}

function bare(source: Source): readonly Found[] {
  return member(source, 'Statement') === undefined ? [] : [{ role: '', value: source }];
}

/** https://docs.aws.amazon.com/cli/latest/reference/iam/get-role.html */
function awsCli(source: Source): readonly Found[] {
  const roles = [member(source, 'Role'), ...itemsOf(member(source, 'Roles')), source];
  return roles.flatMap((role) => {
    const value = member(role, 'AssumeRolePolicyDocument');
    return value === undefined ? [] : [{ role: textOf(member(role, 'RoleName')) ?? '', value }];
  });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
function cloudFormation(source: Source): readonly Found[] {
  const resources = member(source, 'Resources');
  if (resources?.kind !== 'object') return [];
  return resources.entries.flatMap(({ key, value }) => {
    const document = member(member(value, 'Properties'), 'AssumeRolePolicyDocument');
    if (document === undefined) return [];
    return [{ role: key, value: resolveFunctions(document, member(source, 'Parameters')) }];
  });
}

/** https://developer.hashicorp.com/terraform/internals/json-format: a plan, or a state */
function terraform(source: Source): readonly Found[] {
  const roots = [member(source, 'planned_values'), member(source, 'values')];
  return roots.flatMap((values) => terraformModule(member(values, 'root_module')));
}

function terraformModule(module: Source | undefined): readonly Found[] {
  const own = itemsOf(member(module, 'resources')).flatMap((resource) => {
    const value = member(member(resource, 'values'), 'assume_role_policy');
    if (value === undefined || textOf(member(resource, 'type')) !== 'aws_iam_role') return [];
    return [{ role: textOf(member(resource, 'address')) ?? '', value }];
  });
  return [...own, ...itemsOf(member(module, 'child_modules')).flatMap(terraformModule)];
}

/** A policy may be written as a text inside the file; then all of it is at that text's place. */
function located(role: string, value: Source, placeInFile: FoundPolicy['place']): FoundPolicy {
  const inner = textOf(value);
  if (inner === undefined) {
    return { role, policy: readPolicy(value), place: placeInFile, json: toJson(value) };
  }
  try {
    const source = readJson(inner.trimStart().startsWith('%7B') ? decodeURIComponent(inner) : inner);
    const place = placeInFile(value.offset);
    return { role, policy: readPolicy(source), place: () => place, json: toJson(source) };
  } catch (error) {
    if (!(error instanceof TextError || error instanceof URIError)) throw error;
    throw new TextError(`the policy of ${role} is text, but ${error.message}`, value.offset);
  }
}

/** A document as plain values. */
function toJson(source: Source): unknown {
  switch (source.kind) {
    case 'object':
      return Object.fromEntries(source.entries.map(({ key, value }) => [key, toJson(value)]));
    case 'array':
      return source.items.map(toJson);
    case 'scalar':
      return source.value;
    case 'opaque':
      return source.text;
  }
}
