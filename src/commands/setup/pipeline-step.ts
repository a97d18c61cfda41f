import {
  includedRoles,
  includeLines,
  newPipeline,
  type RoleInclude,
  withInclude,
} from '../../migration/component/role-include.ts';
import { formatDiff } from '../../output/diff.ts';
import type { CommandLineIo } from '../../system/io.ts';
import { loadPipelineFile } from '../migrate/pipeline-text.ts';
import { type Step, unchanged } from './step.ts';

/**
 * Plans the include in the project's pipeline.
 *
 * @param path the pipeline, relative to the working directory
 * @throws {AwsOidcError} `INVALID_INPUT`, with line, column and a caret, if the file is not a pipeline
 */
export async function pipelineStep(io: CommandLineIo, path: string, include: RoleInclude): Promise<Step> {
  const exists = await io.readText(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  if (!exists) return creation(io, path, include);
  const file = await loadPipelineFile(io, path);
  const roles = includedRoles(file);
  if (roles.includes(include.roleArn)) return unchanged('pipeline', `${path}, with the component`);
  if (roles.length > 0) return byHand(path, roles, include);
  const after = withInclude(file, include);
  return {
    resource: 'pipeline',
    change: 'update',
    title: `${path}, with the component`,
    lines: formatDiff({ path, before: file.text, after }, false),
    apply: () => io.replaceFiles(new Map([[path, after]])),
    undo: `git checkout -- ${path}`,
  };
}

function creation(io: CommandLineIo, path: string, include: RoleInclude): Step {
  const text = newPipeline(include);
  return {
    resource: 'pipeline',
    change: 'create',
    title: `${path}, with the component`,
    lines: text.trimEnd().split('\n'),
    apply: () => io.createFile(path, text),
    undo: `rm ${path}`,
  };
}

/** Two includes of the component need different job names, which the user chooses. */
function byHand(path: string, roles: readonly string[], include: RoleInclude): Step {
  const others = roles.join(', ');
  return {
    resource: 'pipeline',
    change: 'none',
    title: `${path} includes the component with another role (${others}) and is not changed; to use this role, add by hand`,
    lines: includeLines(include),
  };
}
