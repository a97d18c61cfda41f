import { AwsOidcError } from '../../errors.ts';
import {
  includedRoles,
  includeLines,
  isSameInclude,
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
  const text = await io.readText(path).catch((error: NodeJS.ErrnoException) => {
    // other errors are reported when it is loaded
    return error.code === 'ENOENT' ? undefined : '?';
  });
  if (text === undefined) return creation(io, path, include);
  if (isEmpty(text)) return replacement(io, path, text, `${text}${newPipeline(include)}`);
  const file = await loadPipelineFile(io, path);
  const included = includedRoles(file);
  if (included.some((one) => isSameInclude(one, include))) return unchanged('pipeline', withComponent(path));
  if (included.length > 0) {
    return byHand(
      path,
      'includes the component with other inputs, and is not changed; compare them',
      include,
    );
  }
  const after = withInclude(file, include);
  if (after === undefined)
    return byHand(path, 'is not changed, because of the form of its include; add', include);
  return replacement(io, path, file.text, after);
}

const withComponent = (path: string) => `${path}, with the component`;

/** Only comments and white space. */
function isEmpty(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*)?$/.test(line));
}

function replacement(io: CommandLineIo, path: string, before: string, after: string): Step {
  return {
    resource: 'pipeline',
    change: 'update',
    title: withComponent(path),
    lines: formatDiff({ path, before, after }, false),
    apply: () =>
      written(path, async () => {
        if ((await io.readText(path)) !== before) throw changedMeanwhile(path);
        await io.replaceFiles(new Map([[path, after]]));
      }),
  };
}

function creation(io: CommandLineIo, path: string, include: RoleInclude): Step {
  const text = newPipeline(include);
  return {
    resource: 'pipeline',
    change: 'create',
    title: withComponent(path),
    lines: text.trimEnd().split('\n'),
    apply: () => written(path, () => io.createFile(path, text)),
    undo: `rm ${path}`,
  };
}

/** What a person has to do; nothing is changed. */
function byHand(path: string, why: string, include: RoleInclude): Step {
  return { resource: 'pipeline', change: 'none', title: `${path} ${why}`, lines: includeLines(include) };
}

function changedMeanwhile(path: string): AwsOidcError {
  return new AwsOidcError(
    'HAND_OFF_FAILED',
    `${path} was changed after the plan was made, and is left as it is.`,
  );
}

/** @throws {AwsOidcError} `HAND_OFF_FAILED` with the error code of the file system */
async function written(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof AwsOidcError || code === undefined) throw error;
    throw new AwsOidcError('HAND_OFF_FAILED', `${path} cannot be written (${code}).`, { cause: error });
  }
}
