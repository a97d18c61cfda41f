import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run-program.ts';

/** The expected result of a migration: set by the author of the pipeline, and confirmed by runs before and after. */
export interface Expected {
  /** `tokens`: "changes" or "nothing"; `component`: the components that are included, or "left". */
  readonly outcome: string;
  /** Patterns that the migrated files must match, and must not match. */
  readonly has: readonly string[];
  readonly hasNot: readonly string[];
}

/** A repository with a pipeline whose author did not know the migration. */
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

/** Writes the files of the repository, with executable scripts. */
export function writeRepository(folder: string, { files }: PipelineOfOthers): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, {
      mode: text.startsWith('#!') || /\.sh$/.test(path) ? 0o755 : 0o644,
    });
  }
}
