/** The properties of a job that tests and users can set; all claims are derived from them. */
export interface Job {
  readonly projectPath: string;
  readonly ref: string;
  readonly refType: 'branch' | 'tag';
  readonly refProtected: boolean;
  readonly pipelineSource: string;
  readonly environment?: string | undefined;
}

export const defaultJob: Job = {
  projectPath: 'acme/shop',
  ref: 'main',
  refType: 'branch',
  refProtected: true,
  pipelineSource: 'push',
};

/**
 * The claims in GitLab's ID token for a job. As in GitLab, most values are strings.
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
 */
export function gitlabClaims(job: Job, instanceUrl: string): Record<string, string | readonly string[]> {
  const namespacePath = job.projectPath.slice(0, job.projectPath.lastIndexOf('/'));
  const refPath = job.refType === 'branch' ? `refs/heads/${job.ref}` : `refs/tags/${job.ref}`;
  const sha = '1111111111111111111111111111111111111111';
  const host = new URL(instanceUrl).host;
  return {
    sub: `project_path:${job.projectPath}:ref_type:${job.refType}:ref:${job.ref}`,
    namespace_id: '72',
    namespace_path: namespacePath,
    project_id: '20',
    project_path: job.projectPath,
    user_id: '1',
    user_login: 'sample-user',
    user_email: 'sample-user@example.com',
    user_access_level: 'developer',
    user_identities: [],
    pipeline_id: '574',
    pipeline_source: job.pipelineSource,
    job_id: '302',
    ref: job.ref,
    ref_type: job.refType,
    ref_path: refPath,
    ref_protected: String(job.refProtected),
    runner_id: '1',
    runner_environment: 'self-hosted',
    sha,
    project_visibility: 'private',
    ci_config_ref_uri: `${host}/${job.projectPath}//.gitlab-ci.yml@${refPath}`,
    ci_config_sha: sha,
    job_project_id: '20',
    job_project_path: job.projectPath,
    ...(job.environment !== undefined && {
      environment: job.environment,
      environment_protected: 'true',
      deployment_tier: job.environment,
      environment_action: 'start',
    }),
  };
}
