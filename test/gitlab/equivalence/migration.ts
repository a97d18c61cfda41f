import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeUnderTest, root, runProgram } from '../../support/run-program.ts';
import { copyRepository, listFiles } from './repository.ts';

/** The value of `--to`. */
export type Mode = 'id-tokens' | 'component';

/** The result of migrating a repository. */
export interface MigratedRepository {
  /** The migrated copy; the caller removes it. */
  readonly folder: string;
  /** The paths of the changed files. */
  readonly changed: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether a second migration changed nothing. */
  readonly idempotent: boolean;
}

/** A program and its first arguments; `migrate` and its options follow. */
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
