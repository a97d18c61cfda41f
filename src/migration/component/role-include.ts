import { isDeepStrictEqual } from 'node:util';
import { isAlias, isNode, parse } from 'yaml';
import { TextError } from '../../text/text-error.ts';
import { applyEdits } from '../edit.ts';
import { includeEdit } from '../include-edit.ts';
import { keyText, type PipelineFile, parsePipelineFile } from '../pipeline-file.ts';
import { quoted } from './component-include.ts';

/** The include that gives a pipeline the role. */
export interface RoleInclude {
  readonly component: string;
  readonly version: string;
  readonly roleArn: string;
  readonly region: string | undefined;
  readonly audience: string | undefined;
  /** Conditions of `rules:if`; empty for the component's default, the default branch. */
  readonly rules: readonly string[];
}

/** The lines of the include's entry. */
export function includeLines(include: RoleInclude): readonly string[] {
  const { component, version, roleArn, region, audience, rules } = include;
  return [
    `- component: ${component}/assume-role@${version}`,
    '  inputs:',
    `    role_arn: ${quoted(roleArn)}`,
    ...(region === undefined ? [] : [`    region: ${quoted(region)}`]),
    ...(audience === undefined ? [] : [`    audience: ${quoted(audience)}`]),
    ...(rules.length === 0 ? [] : ['    rules:', ...rules.map((rule) => `      - if: ${quoted(rule)}`)]),
  ];
}

/** A new pipeline. It has a job, because GitLab runs no pipeline with jobs of the stage .pre alone. */
export function newPipeline(include: RoleInclude): string {
  const lines = includeLines(include).map((line) => `  ${line}\n`);
  return `include:\n${lines.join('')}\n${exampleJob}`;
}

const exampleJob = `\
# Jobs that use AWS extend the hidden job. Replace the script.
deploy:
  stage: deploy
  extends: .with-assume-role
  script:
    - echo "This job has the role $AWS_ASSUMED_ROLE_ARN"
`;

/**
 * The text of a pipeline with the include; everything else is kept byte for byte.
 *
 * @returns undefined if its `include` has a form that cannot be edited safely
 */
export function withInclude(file: PipelineFile, include: RoleInclude): string | undefined {
  const value = includeOf(file);
  if (isAlias(value) || (isNode(value) && value.tag?.startsWith('!')) || hasFlowComment(file))
    return undefined;
  const lines = includeLines(include);
  try {
    const after = applyEdits(file.text, [includeEdit(file, lines)]);
    const { include: included, ...rest } = valuesOf(parsePipelineFile(file.path, after));
    const { include: before, ...others } = valuesOf(file);
    const [entry] = parse(lines.join('\n')) as readonly unknown[];
    const wanted = [entry, ...[before ?? []].flat()];
    return isDeepStrictEqual(included, wanted) && isDeepStrictEqual(rest, others) ? after : undefined;
  } catch (error) {
    if (error instanceof TextError) return undefined;
    throw error;
  }
}

/** An include of the component that a pipeline has already. */
export interface IncludedRole {
  /** Without the version. */
  readonly component: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The includes of the component that the file has already. */
export function includedRoles(file: PipelineFile): readonly IncludedRole[] {
  const { include } = valuesOf(file);
  return [include ?? []].flat(Number.POSITIVE_INFINITY).flatMap((entry) => {
    const { component, inputs } = (entry ?? {}) as {
      readonly component?: unknown;
      readonly inputs?: unknown;
    };
    const [, path] = /^(.+\/assume-role)@[^/]+$/.exec(String(component)) ?? [];
    if (path === undefined) return [];
    return [{ component: path, inputs: (inputs ?? {}) as IncludedRole['inputs'] }];
  });
}

/** Does an include differ in what decides where the role can be used? Other inputs are the user's choice. */
export function isSameInclude({ component, inputs }: IncludedRole, include: RoleInclude): boolean {
  const { role_arn: roleArn, rules, audience, region } = inputs;
  const wanted = include.rules.length === 0 ? undefined : include.rules.map((rule) => ({ if: rule }));
  return (
    component === `${include.component}/assume-role` &&
    roleArn === include.roleArn &&
    isDeepStrictEqual(rules, wanted) &&
    audience === include.audience &&
    (include.region === undefined || region === include.region)
  );
}

function includeOf(file: PipelineFile) {
  return file.root.items.find(({ key }) => keyText(key) === 'include')?.value;
}

/** With aliases resolved. */
function valuesOf({ document }: PipelineFile): Readonly<Record<string, unknown>> {
  return document.toJS() as Readonly<Record<string, unknown>>;
}

/** The list becomes one in block style, which would lose the comments in it. */
function hasFlowComment(file: PipelineFile): boolean {
  const value = includeOf(file);
  const [start = 0, end = 0] = isNode(value) ? (value.range ?? []) : [];
  return /^[[{]/.test(file.text.slice(start)) && /(^|\s)#/.test(file.text.slice(start, end));
}
