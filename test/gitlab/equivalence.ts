import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/run-program.ts';
import { type Comparison, compareRuns } from './equivalence/compare.ts';
import { type Equipment, startEquipment } from './equivalence/equipment.ts';
import { type Mode, migrateRepository, removeFolder } from './equivalence/migration.ts';
import { isYaml, listFiles } from './equivalence/repository.ts';
import { type PipelineRun, type RunSettings, runPipeline } from './equivalence/run.ts';

/*
 * Proves that a migrated pipeline does the same as before: the rig (see rig.ts) runs a case before and after the
 * migration, and the calls of its jobs are compared. Programs are stubs (stubs/stub.py) that record their calls and
 * their AWS identity, which the real AWS CLI determines (stubs/aws-server.py), with moto as STS. Each run has its own
 * /tmp, each job its own home.
 *
 *     const bench = new Bench();
 *     const { identical, differences } = await checkCase(bench, { folder, settings, ref: 'branch:main' }, 'component');
 *     await bench.stop();
 *
 * Needs AWS_OIDC_GITLAB, AWS_OIDC_PEERS and root (mount namespaces). Not compared are: files that no call mentions,
 * services and images, `cache`, generated child pipelines, and rules for changed files.
 */

export type { Comparison, Difference } from './equivalence/compare.ts';
export { builtCommand, type Mode } from './equivalence/migration.ts';
export type { JobRun, PipelineRun } from './equivalence/run.ts';

/** A repository whose pipeline is migrated, and the settings of its runs. */
export interface Case {
  /** The folder of `.gitlab-ci.yml`. */
  readonly folder: string;
  /** The variables of the project's settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** For example `branch:main`. */
  readonly ref: string;
  /** The texts of included files of other projects, by `project:file` or by the URL of a remote file. */
  readonly others?: Readonly<Record<string, string>>;
}

/** The result of `migrate` for a case. */
export interface MigrationReport {
  /** The paths of the changed files. */
  readonly changed: readonly string[];
  /** The texts of the pipeline's files after the migration, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** The names of the components that were included. */
  readonly components: readonly string[];
  /** Whether the pipeline had an `assume-role-with-web-identity` and has none now. */
  readonly recipeGone: boolean;
  /** The remaining legacy variables outside comments, as `file:line`. */
  readonly legacyLeft: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly idempotent: boolean;
}

/** Whether a migrated pipeline does the same as before. */
export interface CaseResult extends Comparison {
  readonly mode: Mode;
  readonly migration: MigrationReport;
  readonly before: PipelineRun;
  /** The same as `before` if nothing was changed. */
  readonly after: PipelineRun;
  /** Whether GitLab accepts the migrated pipeline, or already refused the original one. */
  readonly valid: boolean;
  readonly identical: boolean;
  /** Whether the comparison needed tokens in the legacy variables, because the migration was partial. */
  readonly legacyNeeded: boolean;
}

/** A cache for the results of runs. */
export interface RunCache {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

/** Runs each pipeline once, and starts the equipment with the first run. */
export class Bench {
  readonly #cache: RunCache;
  readonly #runs = new Map<string, Promise<PipelineRun>>();
  #equipment: Promise<Equipment> | undefined;

  constructor(cache: RunCache = new Map<string, string>()) {
    this.#cache = cache;
  }

  /** Runs the pipeline of a folder, or returns its cached result. */
  run(folder: string, settings: RunSettings): Promise<PipelineRun> {
    const key = fingerprint(folder, settings);
    const run = this.#runs.get(key) ?? this.#runOnce(key, folder, settings);
    this.#runs.set(key, run);
    // a failed run can be repeated
    run.catch(() => this.#runs.delete(key));
    return run;
  }

  async #runOnce(key: string, folder: string, settings: RunSettings): Promise<PipelineRun> {
    const kept = this.#cache.get(key);
    if (kept !== undefined) return JSON.parse(kept) as PipelineRun;
    this.#equipment ??= startEquipment();
    const run = await runPipeline(await this.#equipment, folder, settings);
    this.#cache.set(key, JSON.stringify(run));
    return run;
  }

  /** Stops the equipment. */
  async stop(): Promise<void> {
    await (await this.#equipment)?.stop();
  }
}

/** Migrates a case and reports on its files. */
export async function migrateCase(
  { folder }: Case,
  mode: Mode,
  command?: readonly string[],
): Promise<{ readonly folder: string; readonly report: MigrationReport; remove(): void }> {
  const { folder: copy, ...migrated } = await migrateRepository(folder, mode, command);
  const [before, texts] = [pipelineTexts(folder), pipelineTexts(copy)];
  const had = includedComponents(before);
  const names = (all: Readonly<Record<string, string>>) => Object.values(all).join('\n');
  const report: MigrationReport = {
    ...migrated,
    texts,
    components: includedComponents(texts).filter((name) => !had.includes(name)),
    recipeGone: recipe.test(names(before)) && !recipe.test(names(texts)),
    legacyLeft: legacyPlaces(copy),
  };
  return { folder: copy, report, remove: () => removeFolder(copy) };
}

/**
 * Migrates a case and runs it before and after.
 *
 * If jobs still need a legacy variable, it also contains a token after the migration: the migrated parts must
 * work together with the others.
 *
 * @param command the migration program; see `builtCommand`
 * @param anyAudience whether a token without an audience may have one after the migration
 * @throws {Error} if the rig itself fails
 */
export async function checkCase(
  bench: Bench,
  one: Case,
  mode: Mode,
  {
    command,
    anyAudience = false,
  }: { readonly command?: readonly string[]; readonly anyAudience?: boolean } = {},
): Promise<CaseResult> {
  const { folder, report, remove } = await migrateCase(one, mode, command);
  try {
    const settings = { variables: one.settings, ref: one.ref, ...(one.others && { others: one.others }) };
    const before = await bench.run(one.folder, { ...settings, legacyTokens: true });
    if (report.changed.length === 0)
      return { ...{ mode, migration: report, before, after: before, valid: true, identical: true }, ...same };
    const compare = async (legacyTokens: boolean) => {
      const after = await bench.run(folder, { ...settings, legacyTokens });
      const valid = before.errors.length > 0 || after.errors.length === 0;
      const first = valid ? compareRuns(before, after, { anyAudience }) : same;
      // some differences occur between any two runs, for example checksums of archives
      const comparison =
        first.differences.length === 0
          ? first
          : compareRuns(before, after, {
              anyAudience,
              again: await bench.run(one.folder, { ...settings, legacyTokens: true, repetition: 2 }),
            });
      const identical = valid && comparison.differences.length === 0;
      const result = { mode, migration: report, before, after, valid, identical, ...comparison };
      return { ...result, legacyNeeded: legacyTokens };
    };
    const result = await compare(false);
    return result.identical || !result.valid || report.legacyLeft.length === 0 ? result : await compare(true);
  } finally {
    remove();
  }
}

const same = { differences: [], remarks: [], legacyNeeded: false };

const recipe = /assume-role-with-web-identity|AssumeRoleWithWebIdentity/;

function pipelineTexts(folder: string): Readonly<Record<string, string>> {
  const files = listFiles(folder).filter(isYaml);
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

const includedComponents = (texts: Readonly<Record<string, string>>) =>
  Object.values(texts).flatMap((text) =>
    [...text.matchAll(/component:.*\/(web-identity|same-job|assume-role)@/g)].map(([, name = '']) => name),
  );

/** The places in a repository that mention a legacy variable outside comments. */
function legacyPlaces(folder: string): readonly string[] {
  return listFiles(folder).flatMap((path) =>
    readFileSync(join(folder, path), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /\bCI_JOB_JWT(_V[12])?\b/.test(line.replace(/(^|\s)#.*/, '')) ? [`${path}:${index + 1}`] : [],
      ),
  );
}

/** A hash of everything that a run depends on: the files, the settings and the rig. */
function fingerprint(folder: string, settings: RunSettings): string {
  const hash = createHash('sha256').update(JSON.stringify(settings)).update(rigFingerprint());
  let hasComponents = false;
  for (const path of listFiles(folder)) {
    const file = join(folder, path);
    const content = readFileSync(file);
    hash.update(`${path}\0${content.length}\0${statSync(file).mode & 0o100}\0`).update(content);
    hasComponents ||= isYaml(path) && content.includes('component:');
  }
  if (hasComponents) for (const content of contentsOf(join(root, 'templates'))) hash.update(content);
  return hash.digest('hex');
}

let rig: string | undefined;

function rigFingerprint(): string {
  if (rig !== undefined) return rig;
  const hash = createHash('sha256');
  // without compare.ts and migration.ts, which do not change a run
  const own = contentsOf(join(import.meta.dirname, 'equivalence'), /(?<!compare|migration)\.ts$/);
  for (const content of [...own, ...contentsOf(join(import.meta.dirname, 'stubs'))]) hash.update(content);
  rig = hash.digest('hex');
  return rig;
}

const contentsOf = (folder: string, names = /\.(yml|py|sh)$/) =>
  readdirSync(folder)
    .filter((name) => names.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name)));
