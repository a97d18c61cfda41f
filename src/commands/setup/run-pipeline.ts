import { AwsOidcError } from '../../errors.ts';
import type { GitlabApi } from '../../gitlab-api/api.ts';
import type { GitlabJob } from '../../gitlab-api/pipeline.ts';
import type { JobLog } from '../../output/job-log.ts';
import type { Plan } from './plan.ts';

/** A pipeline that was started, and its job that got the credentials. */
export interface StartedPipeline {
  readonly webUrl: string;
  readonly job: string;
}

const pollMs = 3000;
const limitMs = 15 * 60_000;

/** The name of the component's job. */
const jobName = 'assume-role';

/**
 * Starts a pipeline on a branch that the role trusts, and waits until its job `assume-role` has the credentials.
 *
 * @throws {AwsOidcError} `REFUSED` if the pipeline in GitLab does not include the component yet, if the job fails, or if
 *   it is not done after 15 minutes
 */
export async function runPipeline(
  { project, include }: Plan,
  log: Pick<JobLog, 'notice' | 'done'>,
): Promise<StartedPipeline> {
  const { api, projectId, pipelinePath, branches } = project;
  const [ref] = branches;
  if (projectId === undefined || pipelinePath === undefined || ref === undefined) {
    throw new AwsOidcError('INVALID_INPUT', 'The pipeline cannot be started.', {
      hint: 'GitLab must show the project and its pipeline, so set GITLAB_TOKEN; the role must trust a branch.',
    });
  }
  const id = Number(projectId);
  const text = await api.fileOnBranch(id, pipelinePath, ref);
  if (!text?.includes('/assume-role@') || !text.includes(include.roleArn)) {
    throw new AwsOidcError('REFUSED', `${pipelinePath} on ${ref} does not include the component yet.`, {
      hint: 'Commit and push it, then run the same command again.',
    });
  }
  const pipeline = await api.startPipeline(id, ref);
  log.notice(`Waiting for the pipeline ${pipeline.webUrl}`);
  const job = await finishedJob(api, id, pipeline);
  log.done(`The job ${job} has the credentials.`);
  return { webUrl: pipeline.webUrl, job };
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
