import { bracesIn } from '../text/braces.ts';
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
  if (/^\s*%7B/i.test(text)) return readJson(decoded(text.trim()));
  if (startsAsJson(text)) return readJson(text.replace(/^\uFEFF/, ' '));
  const pasted = pastedPolicy(text);
  if (pasted !== undefined) return pasted;
  if (/^[ \t]*(resource|data|module|locals)[ \t]+["{]/m.test(text)) throw hclRefused();
  // YAML takes its time
  if (text.length > 100_000 && !/AssumeRolePolicyDocument|Statement/.test(text)) throw noPolicy();
  return readYaml(text);
}

/** Perhaps with comments above it. */
function startsAsJson(text: string): boolean {
  let at = 0;
  for (;;) {
    while (/[\s\uFEFF]/.test(text.charAt(at))) at++;
    const [end, length] = text.startsWith('//', at) ? ['\n', 1] : text.startsWith('/*', at) ? ['*/', 2] : [];
    if (end === undefined || length === undefined) return '{['.includes(text.charAt(at) || ' ');
    const found = text.indexOf(end, at + 2);
    if (found < 0) return false;
    at = found + length;
  }
}

/** What a person copied: a policy as a string of JSON, in the quotes of a shell, or in a whole command. */
function pastedPolicy(text: string): Source | undefined {
  const trimmed = text.trim();
  const string = trimmed.startsWith('"') ? stringIn(trimmed) : undefined;
  if (string !== undefined && startsAsJson(string)) return readJson(string);
  if (!/^['`]|--(?:assume-role-)?policy-document/.test(trimmed)) return undefined;
  const found = bracesIn(text).find((one) => /"Statement"|"Effect"/.test(one.text));
  // what stands before it is blank, so that places stay right
  return found && readJson(' '.repeat(found.offset) + found.text);
}

function stringIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw noPolicy();
  }
}

function hclRefused(): TextError {
  return new TextError(
    'HCL is not read: run "terraform show -json" on a plan or the state, and give its output',
    0,
  );
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
  if (member(source, 'Statement') !== undefined) return [{ role: '', value: source }];
  if (member(source, 'Effect') === undefined) return [];
  // a statement alone
  const { offset } = source;
  const scalar: Source = { kind: 'scalar', value: '2012-10-17', offset };
  const entries = [
    { key: 'Version', offset, value: scalar },
    { key: 'Statement', offset, value: source },
  ];
  return [{ role: '', value: { kind: 'object', entries, offset } }];
}

/** https://docs.aws.amazon.com/cli/latest/reference/iam/get-role.html */
function awsCli(source: Source): readonly Found[] {
  const lists = ['Roles', 'RoleDetailList'].flatMap((name) => itemsOf(member(source, name)));
  const answer = member(member(source, 'GetRoleResponse'), 'GetRoleResult') ?? source;
  const roles = [member(answer, 'Role'), ...lists, source];
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
    const template = { parameters: member(source, 'Parameters'), resources };
    return [{ role: key, value: resolveFunctions(document, template) }];
  });
}

/** https://developer.hashicorp.com/terraform/internals/json-format: a plan, or a state */
function terraform(source: Source): readonly Found[] {
  const roots = [member(source, 'planned_values'), member(source, 'values')];
  return [
    ...roots.flatMap((values) => terraformModule(member(values, 'root_module'))),
    ...terraformState(source),
  ];
}

/** The file that Terraform keeps: a role is a resource with instances. */
function terraformState(source: Source): readonly Found[] {
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
