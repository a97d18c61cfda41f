import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeUnderTest, root, runProgram } from '../../support/run-program.ts';
import { copyRepository, listFiles } from './repository.ts';

/** What `migrate` is asked for. */
export type Mode = 'id-tokens' | 'component';

/** What became of a repository. */
export interface MigratedRepository {
  /** A copy that was migrated; whoever asked for it removes it. */
  readonly folder: string;
  /** Paths of the files that are not as they were. */
  readonly changed: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether a second time changed nothing. */
  readonly idempotent: boolean;
}

/** A program and its first arguments: `migrate` and its options come after them. */
export const builtCommand: readonly string[] = [nodeUnderTest, join(root, 'dist/aws-oidc.mjs')];

/** Migrates a copy of a repository, twice. */
export async function migrateRepository(
  repository: string,
  mode: Mode,
  command = builtCommand,
): Promise<MigratedRepository> {
  const folder = mkdtempSync(join(tmpdir(), `migrated-${process.pid}-`));
  copyRepository(repository, folder);
  const [program = '', ...first] = command;
  const args = [...first, 'migrate', '--to', mode, '--write', '--component-version', '1.0.0'];
  const texts = () =>
    new Map(listFiles(folder).map((path) => [path, readFileSync(join(folder, path), 'latin1')]));
  const migrate = () => runProgram(program, args, { PATH: process.env.PATH ?? '', HOME: folder }, folder);
  const before = texts();
  const { exitCode, stdout, stderr } = await migrate();
  const once = texts();
  const changed = changedPaths(before, once);
  if (changed.length === 0) return { folder, changed, exitCode, stdout, stderr, idempotent: true };
  await migrate();
  return { folder, changed, exitCode, stdout, stderr, idempotent: changedPaths(once, texts()).length === 0 };
}

export const removeFolder = (folder: string) => rmSync(folder, { recursive: true, force: true });

function changedPaths(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
}
