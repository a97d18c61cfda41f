import { AwsOidcError } from '../../errors.ts';
import type { GitlabApi } from '../../gitlab-api/api.ts';
import type { GitlabJob } from '../../gitlab-api/pipeline.ts';
import { includedRoles } from '../../migration/component/role-include.ts';
import { type PipelineFile, parsePipelineFile } from '../../migration/pipeline-file.ts';
import type { JobLog } from '../../output/job-log.ts';
import { TextError } from '../../text/text-error.ts';
import { errorAtPlace, invalid } from '../input/text-file.ts';
import type { SetupProject } from './find-project.ts';

/** A pipeline that was started, and its job that got the credentials. */
export interface StartedPipeline {
  readonly webUrl: string;
  readonly job: string;
}

const pollMs = 3000;
const limitMs = 15 * 60_000;

/** The name of the component's job. */
const jobName = 'assume-role';

/** A pipeline that can be started. */
export interface PipelineToRun {
  readonly api: GitlabApi;
  readonly projectId: number;
  readonly path: string;
  /** A branch that the role trusts. */
  readonly ref: string;
}

/**
 * Checks, before anything is changed, that a pipeline can be started.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`
 */
export function pipelineToRun({ api, projectId, pipelinePath, branches }: SetupProject): PipelineToRun {
  const ref = branches.find((branch) => !branch.includes('*'));
  if (projectId === undefined) throw notPossible('GitLab does not show the project: set GITLAB_TOKEN.');
  if (pipelinePath === undefined) throw notPossible('The pipeline of the project is in another project.');
  if (ref === undefined)
    throw notPossible('The role trusts no branch without "*": start the pipeline by hand.');
  return { api, projectId: Number(projectId), path: pipelinePath, ref };
}

const notPossible = (hint: string) => invalid('--run', 'must not be set here', hint);

/**
 * Starts a pipeline, and waits until its job `assume-role` has the credentials.
 *
 * @throws {AwsOidcError} `REFUSED` if the pipeline in GitLab does not include the component yet, if the job fails, or if
 *   it is not done after 15 minutes
 */
export async function runPipeline(
  { api, projectId: id, path, ref }: PipelineToRun,
  roleArn: string,
  log: Pick<JobLog, 'notice' | 'done'>,
): Promise<StartedPipeline> {
  const text = await api.fileOnBranch(id, path, ref);
  const included = text === undefined ? [] : includedRoles(parsed(path, text));
  if (!included.some(({ inputs }) => inputs.role_arn === roleArn)) {
    throw new AwsOidcError('REFUSED', `${path} on ${ref} does not include the component for this role yet.`, {
      hint: 'Commit and push it, then run the same command again.',
    });
  }
  const pipeline = await api.startPipeline(id, ref);
  log.notice(`Waiting for the pipeline ${pipeline.webUrl}`);
  const job = await finishedJob(api, id, pipeline);
  log.done(`The job ${job} has the credentials.`);
  return { webUrl: pipeline.webUrl, job };
}

/** @throws {AwsOidcError} `INVALID_INPUT`, with line, column and a caret */
function parsed(path: string, text: string): PipelineFile {
  try {
    return parsePipelineFile(path, text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw errorAtPlace(path, text, error, 'This is the file in GitLab.');
  }
}

async function finishedJob(
  api: GitlabApi,
  projectId: number,
  pipeline: { readonly id: number; readonly webUrl: string },
): Promise<string> {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    const jobs = await api.jobs(projectId, pipeline.id);
    const job = jobs.find(({ name }) => name === jobName);
    if (job?.status === 'success') return job.webUrl;
    const ended = job === undefined ? await endedWithout(api, projectId, pipeline.id) : endOf(job);
    if (ended !== undefined || performance.now() > endsAt) {
      const why = ended ?? 'it is still running';
      throw new AwsOidcError('REFUSED', `The pipeline did not get credentials: ${why}.`, {
        hint: `The log of the job shows the cause: ${job?.webUrl ?? pipeline.webUrl}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function endOf({ status, failureReason }: GitlabJob): string | undefined {
  if (!['failed', 'canceled', 'skipped', 'manual'].includes(status)) return undefined;
  return `the job ${jobName} is ${status}${failureReason === undefined ? '' : ` (${failureReason})`}`;
}

/** Pipelines are created with all their jobs, but the list can lag behind. */
async function endedWithout(api: GitlabApi, projectId: number, id: number): Promise<string | undefined> {
  const status = await api.pipelineStatus(projectId, id);
  return ['failed', 'canceled', 'skipped', 'success'].includes(status)
    ? `it is ${status} and has no job ${jobName}`
    : undefined;
}
