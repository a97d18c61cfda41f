import { createHash } from 'node:crypto';
import type { SandboxJob, SandboxPipeline } from './gitlab-pipelines.ts';
import type { SandboxProject } from './gitlab-projects.ts';

/**
 * The objects in GitLab's responses, whole. `test/fixtures/gitlab-api-shapes.json` has what GitLab's OpenAPI
 * description says about them.
 */
type Entity = Readonly<Record<string, unknown>>;

const time = '2026-01-15T10:00:00.000Z';
const sha = '1111111111111111111111111111111111111111';

function namespace({ namespaceId: id, path }: SandboxProject, url: string): Entity {
  const fullPath = path.slice(0, path.lastIndexOf('/'));
  const name = fullPath.split('/').at(-1);
  const isUser = fullPath === 'jane';
  return {
    id,
    name,
    path: name,
    kind: isUser ? 'user' : 'group',
    full_path: fullPath,
    parent_id: fullPath.includes('/') ? id - 1 : null,
    avatar_url: null,
    web_url: `${url}/${isUser ? '' : 'groups/'}${fullPath}`,
  };
}

function user(url: string): Entity {
  return {
    id: 1,
    username: 'sample-user',
    public_email: '',
    name: 'Sample User',
    state: 'active',
    locked: false,
    avatar_url: `${url}/uploads/-/system/user/avatar/1/avatar.png`,
    web_url: `${url}/sample-user`,
  };
}

/** What GitLab shows of a public project without a token. */
export function basicProject(project: SandboxProject, url: string): Entity {
  const { id, path } = project;
  const name = path.split('/').at(-1);
  const branch = Object.keys(project.branches)[0] ?? null;
  return {
    id,
    description: null,
    name,
    name_with_namespace: path.replaceAll('/', ' / '),
    path: name,
    path_with_namespace: path,
    created_at: time,
    default_branch: branch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: `git@${new URL(url).hostname}:${path}.git`,
    http_url_to_repo: `${url}/${path}.git`,
    web_url: `${url}/${path}`,
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: time,
    visibility: project.visibility,
    namespace: namespace(project, url),
  };
}

/** @param level the role of the token, which decides about the settings that are shown */
export function wholeProject(
  project: SandboxProject,
  url: string,
  level: number,
  source: SandboxProject | undefined,
): Entity {
  const isEmpty = Object.keys(project.branches).length === 0;
  return {
    ...basicProject(project, url),
    ...(source && { forked_from_project: basicProject(source, url) }),
    container_registry_image_prefix: `registry.${new URL(url).hostname}/${project.path}`,
    _links: links(`${url}/api/v4/projects/${project.id}`),
    marked_for_deletion_at: null,
    packages_enabled: true,
    empty_repo: isEmpty,
    archived: false,
    resolve_outdated_diff_discussions: false,
    ...features,
    creator_id: 1,
    import_url: null,
    import_type: null,
    import_status: 'none',
    import_error: null,
    open_issues_count: 0,
    description_html: '',
    updated_at: time,
    ...ciSettings,
    ci_config_path: project.ciConfigPath ?? '',
    ...(level >= 40 && {
      ci_id_token_sub_claim_components: project.subClaimComponents ?? ['project_path', 'ref_type', 'ref'],
      runners_token: 'sandbox-runners-token',
    }),
    ...mergeSettings,
    permissions: {
      project_access: level > 0 ? { access_level: level, notification_level: 3 } : null,
      group_access: null,
    },
  };
}

function links(self: string): Entity {
  return {
    self,
    issues: `${self}/issues`,
    merge_requests: `${self}/merge_requests`,
    repo_branches: `${self}/repository/branches`,
    labels: `${self}/labels`,
    events: `${self}/events`,
    members: `${self}/members`,
    cluster_agents: `${self}/cluster_agents`,
  };
}

const features: Entity = {
  container_expiration_policy: {
    cadence: '1d',
    enabled: false,
    keep_n: 10,
    older_than: '90d',
    name_regex: '.*',
    name_regex_keep: null,
    next_run_at: time,
  },
  repository_object_format: 'sha1',
  issues_enabled: true,
  merge_requests_enabled: true,
  wiki_enabled: true,
  jobs_enabled: true,
  snippets_enabled: true,
  container_registry_enabled: true,
  service_desk_enabled: false,
  service_desk_address: null,
  can_create_merge_request_in: true,
  issues_access_level: 'enabled',
  repository_access_level: 'enabled',
  merge_requests_access_level: 'enabled',
  forking_access_level: 'enabled',
  wiki_access_level: 'enabled',
  builds_access_level: 'enabled',
  snippets_access_level: 'enabled',
  pages_access_level: 'private',
  analytics_access_level: 'enabled',
  container_registry_access_level: 'enabled',
  security_and_compliance_access_level: 'private',
  releases_access_level: 'enabled',
  environments_access_level: 'enabled',
  feature_flags_access_level: 'enabled',
  infrastructure_access_level: 'enabled',
  monitor_access_level: 'enabled',
  model_experiments_access_level: 'enabled',
  model_registry_access_level: 'enabled',
  package_registry_access_level: 'enabled',
  emails_disabled: false,
  emails_enabled: true,
  show_diff_preview_in_email: true,
  shared_runners_enabled: true,
  lfs_enabled: true,
};

const ciSettings: Entity = {
  ci_default_git_depth: 20,
  ci_delete_pipelines_in_seconds: null,
  ci_forward_deployment_enabled: true,
  ci_forward_deployment_rollback_allowed: true,
  ci_job_token_scope_enabled: false,
  ci_separated_caches: true,
  ci_allow_fork_pipelines_to_run_in_parent_project: true,
  build_git_strategy: 'fetch',
  keep_latest_artifact: true,
  restrict_user_defined_variables: true,
  ci_pipeline_variables_minimum_override_role: 'no_one_allowed',
  runner_token_expiration_interval: null,
  group_runners_enabled: true,
  resource_group_default_process_mode: 'unordered',
  auto_cancel_pending_pipelines: 'enabled',
  build_timeout: 3600,
  auto_devops_enabled: false,
  auto_devops_deploy_strategy: 'continuous',
  ci_push_repository_for_job_token_allowed: false,
  public_jobs: true,
};

const mergeSettings: Entity = {
  shared_with_groups: [],
  only_allow_merge_if_pipeline_succeeds: false,
  allow_merge_on_skipped_pipeline: null,
  request_access_enabled: true,
  only_allow_merge_if_all_discussions_are_resolved: false,
  remove_source_branch_after_merge: true,
  printing_merge_request_link_enabled: true,
  merge_method: 'merge',
  squash_option: 'default_off',
  enforce_auth_checks_on_uploads: true,
  suggestion_commit_message: null,
  merge_commit_template: null,
  squash_commit_template: null,
  issue_branch_template: null,
  warn_about_potentially_unwanted_characters: true,
  autoclose_referenced_issues: true,
  max_artifacts_size: null,
};

const maintainers = { id: 1, access_level: 40, access_level_description: 'Maintainers' };

export function protectedBranch(name: string, index: number): Entity {
  return {
    id: index + 1,
    name,
    push_access_levels: [maintainers],
    merge_access_levels: [maintainers],
    allow_force_push: false,
    unprotect_access_levels: [],
    code_owner_approval_required: false,
  };
}

export function protectedTag(name: string): Entity {
  return { name, create_access_levels: [maintainers] };
}

/** Not in the OpenAPI description: https://docs.gitlab.com/api/repository_files/ */
export function repositoryFile(path: string, ref: string, text: string): Entity {
  return {
    file_name: path.split('/').at(-1),
    file_path: path,
    size: Buffer.byteLength(text),
    encoding: 'base64',
    content_sha256: createHash('sha256').update(text).digest('hex'),
    ref,
    blob_id: sha,
    commit_id: sha,
    last_commit_id: sha,
    execute_filemode: false,
    content: Buffer.from(text).toString('base64'),
  };
}

function basicPipeline(pipeline: SandboxPipeline, projectUrl: string): Entity {
  return {
    id: pipeline.id,
    iid: pipeline.id - 573,
    project_id: pipeline.projectId,
    sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: 'api',
    created_at: time,
    updated_at: time,
    web_url: `${projectUrl}/-/pipelines/${pipeline.id}`,
  };
}

export function wholePipeline(pipeline: SandboxPipeline, url: string, { path }: SandboxProject): Entity {
  const { status } = pipeline;
  return {
    ...basicPipeline(pipeline, `${url}/${path}`),
    before_sha: '0000000000000000000000000000000000000000',
    tag: false,
    yaml_errors: null,
    user: user(url),
    started_at: null,
    finished_at: null,
    committed_at: null,
    duration: null,
    queued_duration: null,
    coverage: null,
    detailed_status: {
      icon: `status_${status}`,
      text: status,
      label: status,
      group: status,
      tooltip: status,
      has_details: false,
      details_path: `/${path}/-/pipelines/${pipeline.id}`,
      illustration: null,
      favicon: `/assets/ci_favicons/favicon_status_${status}.png`,
    },
    archived: false,
    name: null,
  };
}

export function wholeJob(
  job: SandboxJob,
  pipeline: SandboxPipeline,
  url: string,
  project: SandboxProject,
): Entity {
  const projectUrl = `${url}/${project.path}`;
  const { status } = job;
  return {
    id: job.id,
    status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: false,
    coverage: null,
    allow_failure: false,
    created_at: time,
    started_at: null,
    finished_at: null,
    erased_at: null,
    duration: null,
    queued_duration: 0.12,
    user: user(url),
    commit: commit(projectUrl),
    pipeline: basicPipeline(pipeline, projectUrl),
    ...(status === 'failed' && { failure_reason: job.failureReason ?? 'script_failure' }),
    web_url: `${projectUrl}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: false },
    artifacts: [],
    runner: null,
    runner_manager: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  };
}

function commit(projectUrl: string): Entity {
  return {
    id: sha,
    short_id: sha.slice(0, 8),
    created_at: time,
    parent_ids: [],
    title: 'Add a pipeline',
    message: 'Add a pipeline\n',
    author_name: 'Sample User',
    author_email: 'sample-user@example.com',
    authored_date: time,
    committer_name: 'Sample User',
    committer_email: 'sample-user@example.com',
    committed_date: time,
    trailers: {},
    extended_trailers: {},
    web_url: `${projectUrl}/-/commit/${sha}`,
  };
}
