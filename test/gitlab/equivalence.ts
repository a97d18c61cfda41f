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
 * Proves that a migrated pipeline does what it did: a case is run before and after by the rig (see rig.ts), and what
 * its jobs did is compared. Programs are stubs (stubs/stub.py) which write down how they were called and who they
 * would be for AWS; that is what the real AWS CLI finds (stubs/aws-server.py), with moto as STS. Each run has a /tmp
 * of its own, each job a home.
 *
 *     const bench = new Bench();
 *     const { identical, differences } = await checkCase(bench, { folder, settings, ref: 'branch:main' }, 'component');
 *     await bench.stop();
 *
 * Needs AWS_OIDC_GITLAB, AWS_OIDC_PEERS and root (mount namespaces). Not seen are: what jobs leave in files that no
 * call names, services and images, `cache`, runs of a generated child pipeline, rules by changed files.
 */

export type { Comparison, Difference } from './equivalence/compare.ts';
export { builtCommand, type Mode } from './equivalence/migration.ts';
export type { JobRun, PipelineRun } from './equivalence/run.ts';

/** A repository whose pipeline is migrated, and what it runs with. */
export interface Case {
  /** The folder of `.gitlab-ci.yml`. */
  readonly folder: string;
  /** The variables of the project's settings. */
  readonly settings: Readonly<Record<string, string>>;
  /** Such as `branch:main`. */
  readonly ref: string;
  /** Texts of files of other projects that are included: by `project:file`, or the address of a remote one. */
  readonly others?: Readonly<Record<string, string>>;
}

/** What `migrate` made of a case. */
export interface MigrationReport {
  /** Paths of the files that are not as they were. */
  readonly changed: readonly string[];
  /** The texts of the pipeline's files as they are now, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** The names of the components that were included. */
  readonly components: readonly string[];
  /** Whether no `assume-role-with-web-identity` is left in the pipeline, where there was one. */
  readonly recipeGone: boolean;
  /** The places that are left, outside of comments: `file:line`. */
  readonly legacyLeft: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly idempotent: boolean;
}

/** Whether a migrated pipeline does what it did. */
export interface CaseResult extends Comparison {
  readonly mode: Mode;
  readonly migration: MigrationReport;
  readonly before: PipelineRun;
  /** The same as `before` where nothing was changed. */
  readonly after: PipelineRun;
  /** Whether GitLab takes it, after it was migrated if it took it before. */
  readonly valid: boolean;
  readonly identical: boolean;
  /** Whether it is so only as long as the legacy variables hold tokens: it was migrated in part. */
  readonly legacyNeeded: boolean;
}

/** Where runs are kept from one time to the next. */
export interface RunCache {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

/** Runs pipelines; what they need is started when the first one runs, and each of them runs once. */
export class Bench {
  readonly #cache: RunCache;
  readonly #runs = new Map<string, Promise<PipelineRun>>();
  #equipment: Promise<Equipment> | undefined;

  constructor(cache: RunCache = new Map<string, string>()) {
    this.#cache = cache;
  }

  /** Runs the pipeline of a folder, or says what it did the last time. */
  run(folder: string, settings: RunSettings): Promise<PipelineRun> {
    const key = fingerprint(folder, settings);
    const run = this.#runs.get(key) ?? this.#runOnce(key, folder, settings);
    this.#runs.set(key, run);
    // what failed may be tried again
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

  /** Stops what was started. */
  async stop(): Promise<void> {
    await (await this.#equipment)?.stop();
  }
}

/** Migrates a case, and looks at what became of its files. */
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
 * Where a legacy variable is left that jobs need, it holds a token afterwards as well: what was migrated must do
 * the same beside what was not.
 *
 * @param command what migrates; see `builtCommand`
 * @param anyAudience whether a token that had no audience may have one now
 * @throws {Error} where the rig itself fails
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
      // some of it may be another time by time: sums of archives, for example
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

/** Where files of a repository name a legacy variable, but for comments. */
function legacyPlaces(folder: string): readonly string[] {
  return listFiles(folder).flatMap((path) =>
    readFileSync(join(folder, path), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /\bCI_JOB_JWT(_V[12])?\b/.test(line.replace(/(^|\s)#.*/, '')) ? [`${path}:${index + 1}`] : [],
      ),
  );
}

/** What a run depends on: the files, what they are run with, and what runs them. */
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
  // how runs are compared does not change them
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
