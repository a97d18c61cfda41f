import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { root } from '../../support/run-program.ts';
import type { JobResult } from '../rig.ts';
import { type Call, type RawCall, toCall } from './call.ts';
import type { Equipment } from './equipment.ts';
import { type PreparedPipeline, preparePipeline, resolved } from './expansion.ts';
import { copyRepository, type StagedPipeline, stagePipeline } from './repository.ts';
import { Scrubber } from './scrub.ts';

/** The settings of a run. */
export interface RunSettings {
  /** The variables of the project's settings. */
  readonly variables: Readonly<Record<string, string>>;
  /** For example `branch:main`. */
  readonly ref: string;
  /** Whether CI_JOB_JWT and similar variables contain tokens, as before GitLab 17.0. */
  readonly legacyTokens: boolean;
  /** The texts of included files of other projects, by `project:file` or by the URL of a remote file. */
  readonly others?: Readonly<Record<string, string>>;
  /** The number of the repetition, if the same run is repeated. */
  readonly repetition?: number;
}

/** What one job did. */
export interface JobRun {
  readonly name: string;
  readonly state: JobResult['state'];
  readonly exitCode: number;
  /** In the order in which they were made, without the calls of the login itself. */
  readonly calls: readonly Call[];
  /** How often a recipe requested credentials from STS. */
  readonly recipes: number;
  /** The variables that the job passes to later jobs. */
  readonly dotenv: Readonly<Record<string, string>> | null;
  /** The end of the log. */
  readonly log: string;
}

/** What a pipeline did. */
export interface PipelineRun {
  /** Why GitLab refuses the pipeline; empty if it does not. */
  readonly errors: readonly string[];
  readonly jobs: readonly JobRun[];
}

const stubs = join(import.meta.dirname, '../stubs');

/** Programs that are replaced by stubs. */
const programs =
  `aws terraform tofu terragrunt cdk cdk8s sam serverless sls sst pulumi packer ansible ansible-playbook
  ansible-galaxy helm helmfile kubectl kustomize eksctl argocd flux skaffold werf docker docker-compose podman nerdctl
  buildah kaniko executor skopeo crane trivy cosign vault gcloud gsutil az conjur summon chamber sops curl wget npm npx
  yarn pnpm python python3 pip pip3 mvn gradle sbt dotnet copilot eb ecs-cli ecs-deploy s3cmd s5cmd rclone zappa chalice
  date infracost checkov tflint ssh scp sftp rsync git gh glab apk apt apt-get yum dnf microdnf amazon-linux-extras`.split(
    /\s+/,
  );

const run = promisify(execFile);

/**
 * Runs the pipeline of a repository in a real runner, with stubs for programs, in its own mount namespace.
 *
 * @param repository the folder with `.gitlab-ci.yml`
 */
export async function runPipeline(
  equipment: Equipment,
  repository: string,
  settings: RunSettings,
): Promise<PipelineRun> {
  // seen from inside as /tmp
  const folder = mkdtempSync(join(tmpdir(), `equivalence-${process.pid}-`));
  try {
    layOut(equipment, repository, folder);
    const staged = stagePipeline(repository, join(folder, 'rig/stage'), {
      variables: settings.variables,
      others: settings.others ?? {},
    });
    return await new Runs(equipment, folder, staged).run('.gitlab-ci.yml', settings);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a pipeline and the pipelines that it starts, one after another. */
class Runs {
  readonly #equipment: Equipment;
  readonly #folder: string;
  readonly #staged: StagedPipeline;

  constructor(equipment: Equipment, folder: string, staged: StagedPipeline) {
    this.#equipment = equipment;
    this.#folder = folder;
    this.#staged = staged;
  }

  async run(file: string, settings: RunSettings): Promise<PipelineRun> {
    const rig = join(this.#folder, 'rig');
    const workflowRules = this.#staged.workflowRules(file);
    const variables = resolved(settings.variables);
    const prepared = await preparePipeline(join(rig, 'stage', file), this.#folder, {
      ...{ variables, ref: settings.ref, workflowRules },
      predefined: settings.legacyTokens ? await this.#equipment.legacyTokens() : {},
    });
    if (prepared.errors.length > 0) return { errors: prepared.errors, jobs: [] };
    writeFileSync(join(rig, 'expanded.json'), JSON.stringify(prepared.config));
    const artifacts = prepared.artifacts.filter((path) => path !== '' && !/[$;`"']|\.\./.test(path));
    writeFileSync(join(rig, 'artifacts'), artifacts.map((path) => `${path}\n`).join(''));
    await runRig(this.#folder, pipelineArguments(this.#equipment, { ...settings, variables }));
    const jobs = readJobs(this.#equipment, this.#folder);
    if (jobs.some(({ state }) => state !== 'success')) return { errors: [], jobs };
    return await this.#runChildren(jobs, prepared.triggers, settings);
  }

  async #runChildren(
    jobs: readonly JobRun[],
    triggers: PreparedPipeline['triggers'],
    settings: RunSettings,
  ): Promise<PipelineRun> {
    const all = [...jobs];
    for (const { name, project, variables } of triggers) {
      const file = this.#staged.children.get(project);
      if (!file) continue;
      const child = await this.run(file, {
        ...settings,
        variables: { ...settings.variables, ...variables, CI_PIPELINE_SOURCE: 'parent_pipeline' },
      });
      if (child.errors.length > 0)
        return { errors: child.errors.map((error) => `${name}: ${error}`), jobs: [] };
      all.push(...child.jobs.map((job) => ({ ...job, name: `${name} › ${job.name}` })));
    }
    return { errors: [], jobs: all };
  }
}

/** Writes the files that the run finds in /tmp/rig. */
function layOut(equipment: Equipment, repository: string, folder: string): void {
  const rig = join(folder, 'rig');
  mkdirSync(join(rig, 'stubs'), { recursive: true });
  copyRepository(repository, join(rig, 'source'));
  const config = {
    ...{ record: '/tmp/rig/records', server: equipment.aws, sts: equipment.sts.url },
    ...{ python: equipment.python, path: process.env.PATH },
  };
  writeFileSync(join(rig, 'stubs/.config.json'), JSON.stringify(config));
  const stub = join(rig, 'stubs/.stub');
  writeFileSync(stub, `#!${equipment.python} -IS\n${readFileSync(join(stubs, 'stub.py'), 'utf8')}`);
  chmodSync(stub, 0o755);
  for (const program of programs) symlinkSync('.stub', join(rig, 'stubs', program));
  for (const file of ['mint.py', 'hook.sh']) copyFileSync(join(stubs, file), join(rig, file));
  copyFileSync('/etc/profile', join(rig, 'profile'));
  appendFileSync(
    join(rig, 'profile'),
    '\ncase "$(cat "/proc/$PPID/comm")" in gitlab-runner*) sh /tmp/rig/hook.sh ;; esac\n',
  );
  writeFileSync(join(rig, 'path'), `/tmp/rig/stubs:${process.env.PATH}`);
  writeFileSync(join(rig, 'expand'), '#!/bin/sh\ncat /tmp/rig/expanded.json\n', { mode: 0o755 });
}

function pipelineArguments(equipment: Equipment, { variables, ref }: RunSettings): readonly string[] {
  const all = {
    ...variables,
    HOME: '/tmp/home',
    AWS_ENDPOINT_URL_STS: equipment.sts.url,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return [
    ...Object.entries(all).flatMap(([name, value]) => ['--variable', `${name}=${value}`]),
    ...['--id-token-command', `'${equipment.python}' -IS /tmp/rig/mint.py ${equipment.mintPort}`],
    ...['--json', '/tmp/rig/results.json', '--ref', ref, '--timeout', '60'],
    ...['--path', '/tmp/rig/stubs', '--source', '/tmp/rig/source'],
  ];
}

async function runRig(folder: string, args: readonly string[]): Promise<void> {
  for (const name of ['records', 'results.json']) rmSync(join(folder, 'rig', name), { force: true });
  const rig = process.env.AWS_OIDC_GITLAB ?? '';
  const program = [join(rig, 'pipeline'), root, '/tmp/rig/stage/.gitlab-ci.yml', ...args];
  const namespace = ['--mount', 'sh', join(stubs, 'enter.sh'), folder, join(rig, 'expand'), ...program];
  // failures are in the results
  const { stderr } = await run('unshare', namespace, {
    maxBuffer: 1 << 30,
    // the current content of /tmp is not visible in the run
    cwd: root,
    env: { ...process.env, TMPDIR: '/tmp' },
  }).catch((error) => error as { stderr: string });
  if (!existsSync(join(folder, 'rig/results.json')))
    throw new Error(`the rig failed: ${stderr.slice(0, 1000)}`);
}

function readJobs(equipment: Equipment, folder: string): readonly JobRun[] {
  const results = JSON.parse(readFileSync(join(folder, 'rig/results.json'), 'utf8')) as JobResult[];
  const file = join(folder, 'rig/records');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const scrubber = new Scrubber(equipment.sts.names);
  const started = results.filter(({ state }) => state !== 'skipped').map(({ name }) => name);
  const raw = withJobNames(
    lines.map((line) => JSON.parse(line) as RawCall),
    started,
  );
  return results.map(({ name, state, exit_code = 0, dotenv = null, trace = '' }) => {
    if (/^aws-server: /m.test(trace)) throw new Error(`the AWS CLI does not work: ${trace.slice(-1000)}`);
    const own = raw.filter(({ job }) => job === name).map(({ call }) => call);
    return {
      name,
      state,
      exitCode: exit_code,
      calls: own.filter(({ kind }) => kind === 'call').map((call) => toCall(call, scrubber)),
      recipes: own.filter(({ kind, args }) => kind === 'recipe' && isExchange(args)).length,
      dotenv: dotenv && scrubber.values(dotenv),
      log: scrubber.text(readable(trace)).slice(-4000),
    };
  });
}

/** A log without colors and section markers. */
const readable = (trace: string) =>
  stripVTControlCharacters(trace).replace(/section_(start|end):\d+:[\w.-]+(\[[^\]]*\])?\r?/g, '');

const isExchange = (args: readonly string[]) => args.join(' ').includes('assume-role-with-web-identity');

/**
 * A call belongs to the job with its number, because names may contain variables. A call with an empty environment
 * belongs to the job of the previous call, because jobs run one after another.
 */
function withJobNames(
  calls: readonly RawCall[],
  started: readonly string[],
): readonly { readonly job: string; readonly call: RawCall }[] {
  const nameOf = ({ env }: RawCall) => started[Number(env.CI_JOB_ID ?? Number.NaN) - firstJobId];
  let job = calls.map(nameOf).find((name) => name !== undefined) ?? '';
  return calls.map((call) => {
    job = nameOf(call) ?? job;
    return { job, call };
  });
}

/** Of the rig. */
const firstJobId = 1001;
