import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-program.ts';

/** A pipeline before and after its migration, with the flags of the migration. */
export interface PipelineCase {
  readonly before: string;
  readonly after: string;
  readonly flags: readonly string[];
}

const folder = join(root, 'test/fixtures/pipelines');

/** Another file of the repository, which some pipelines include. */
export const otherFile = 'other: { script: [ls] }\n';

export const pipelineCases: readonly (readonly [name: string, PipelineCase])[] = readdirSync(folder).map(
  (name) => {
    const read = (file: string) =>
      existsSync(join(folder, name, file)) ? readFileSync(join(folder, name, file), 'utf8') : '';
    const flags = read('flags')
      .split(/\s+/)
      .filter((flag) => flag !== '');
    return [name, { before: read('before.yml'), after: read('after.yml'), flags }];
  },
);
