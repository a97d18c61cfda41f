import { isMap, isScalar, isSeq } from 'yaml';
import { applyEdits } from '../edit.ts';
import { includeEdit } from '../include-edit.ts';
import { keyText, type PipelineFile } from '../pipeline-file.ts';
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

/** A new pipeline, which only includes the component. */
export function newPipeline(include: RoleInclude): string {
  const lines = includeLines(include).map((line) => `  ${line}\n`);
  return `include:\n${lines.join('')}\n${usage.map((line) => `# ${line}\n`).join('')}`;
}

/** How jobs get the credentials. */
export const usage = [
  'Jobs of later stages that use AWS extend the hidden job:',
  '',
  'deploy:',
  '  stage: deploy',
  '  extends: .with-assume-role',
  '  script:',
  '    - ./deploy.sh',
];

/** The text of a pipeline with the include; everything else is kept byte for byte. */
export function withInclude(file: PipelineFile, include: RoleInclude): string {
  return applyEdits(file.text, [includeEdit(file, includeLines(include))]);
}

/** The values of `role_arn` in the includes of the component that the file has already. */
export function includedRoles(file: PipelineFile): readonly string[] {
  const value = file.root.items.find(({ key }) => keyText(key) === 'include')?.value;
  const entries = isSeq(value) ? value.items : [value];
  return entries.flatMap((entry) => {
    if (!isMap(entry)) return [];
    const component = entry.get('component');
    if (typeof component !== 'string' || !/\/assume-role@[^/]+$/.test(component)) return [];
    const role = entry.getIn(['inputs', 'role_arn'], true);
    return [isScalar(role) ? String(role.value) : ''];
  });
}
