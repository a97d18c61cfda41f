import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run-program.ts';

/** What a migration must make of a pipeline: by whoever wrote it, and as running it before and after confirmed. */
export interface Expected {
  /** `tokens`: "changes" or "nothing"; `component`: the components that are included, or "left". */
  readonly outcome: string;
  /** Patterns that the files have in the end, and that they have not. */
  readonly has: readonly string[];
  readonly hasNot: readonly string[];
}

/** A repository with a pipeline that somebody wrote who did not know the migration. */
export interface PipelineOfOthers {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** The variables of its project. */
  readonly settings: Readonly<Record<string, string>>;
  readonly ref?: string;
  readonly tokens: Expected;
  readonly component: Expected;
}

export const pipelinesOfOthers: readonly PipelineOfOthers[] = JSON.parse(
  readFileSync(join(root, 'test/fixtures/pipelines-of-others.json'), 'utf8'),
);

/** Writes its files, scripts ready to be run. */
export function writeRepository(folder: string, { files }: PipelineOfOthers): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, {
      mode: text.startsWith('#!') || /\.sh$/.test(path) ? 0o755 : 0o644,
    });
  }
}
