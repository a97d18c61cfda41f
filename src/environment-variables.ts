/**
 * Every environment variable that the program or one of its libraries reads, with its meaning.
 * The table in docs/reference.md is generated from this one, and only these names can be read from `Io.env`.
 */
export const variables = {
  GITLAB_OIDC_TOKEN: 'ID token, declared under `id_tokens` in a GitLab job',
  CIRCLE_OIDC_TOKEN_V2: 'ID token of a CircleCI job',
  CIRCLE_OIDC_TOKEN: 'ID token of a CircleCI job, in its earlier format',

  AWS_OIDC_ROLE_ARN: 'input `role_arn`',
  AWS_OIDC_AUDIENCE: 'input `audience`',
  AWS_OIDC_DURATION: 'input `duration`',
  AWS_OIDC_REGION: 'input `region`',
  AWS_OIDC_SESSION_NAME: 'input `session_name`',
  AWS_OIDC_POLICY: 'input `policy`',
  AWS_OIDC_POLICY_ARNS: 'input `policy_arns`, a JSON array',
  AWS_OIDC_ALLOWED_ACCOUNT_IDS: 'input `allowed_account_ids`, a JSON array',
  AWS_OIDC_ROLE_CHAIN: 'input `role_chain`, a JSON array',
  AWS_OIDC_EXTERNAL_ID: 'input `external_id`',
  AWS_OIDC_SESSION_TAGS: 'input `session_tags`, as a JSON array',
  AWS_OIDC_TRANSITIVE_TAGS: 'input `transitive_tags`',
  AWS_OIDC_SOURCE_IDENTITY: 'input `source_identity`',
  AWS_OIDC_ENV_PREFIX: 'input `env_prefix`',
  AWS_OIDC_ROLE_ARNS: 'input `role_arns` of `same-job`, a JSON array',
  AWS_OIDC_KEEP_ALIVE: 'input `keep_alive` of `same-job`',
  AWS_OIDC_SHELL_PID:
    'process ID of the shell of `same-job`, whose end also ends the endpoint of `keep_alive`',

  AWS_OIDC_OUTPUT_FORMAT: 'output format; `dotenv` if not set',
  AWS_OIDC_OUTPUT: 'output file; `-` for standard output',
  AWS_OIDC_DOTENV: 'file for the format `dotenv`; `aws-oidc.env` if not set',
  AWS_OIDC_ANNOTATIONS: 'file for the link on the job page; no link if not set',
  AWS_OIDC_PROFILES: 'directory for the profiles of `role_arns`',
  AWS_OIDC_ECR_REGISTRIES:
    'input `registries` of `ecr-login`, or `ecr_registries` of `same-job`, a JSON array',
  AWS_OIDC_AUTH_CONFIG: 'input `auth_config` of `ecr-login`',
  AWS_OIDC_AUDIT_ORGANIZATION_ROLE: 'input `organization_role` of `audit`',
  AWS_OIDC_AUDIT_FAIL_ON: 'input `fail_on` of `audit`',
  AWS_OIDC_AUDIT_BASELINE: 'input `baseline` of `audit`',
  AWS_OIDC_AUDIT_REPORT: 'file for the Code Quality report of `audit`',
  DOCKER_AUTH_CONFIG: 'Docker configuration that registry tokens are added to',
  DOCKER_CONFIG: 'directory of the `config.json` that `same-job` adds registry tokens to',
  BASH_ENV: 'file for the format `bash-env`',
  HOME: 'where `.aws/`, `.docker/` and `.config/glab-cli/` are',
  USERPROFILE: 'the same on Windows, for `.aws/config` and `.docker/`',

  AWS_REGION: 'region, if the input `region` is empty',
  AWS_DEFAULT_REGION: 'region, if `AWS_REGION` is not set either',
  AWS_ENDPOINT_URL_STS: 'STS endpoint to use instead of the one of the region',
  AWS_ENDPOINT_URL: 'the same, if `AWS_ENDPOINT_URL_STS` is not set',
  AWS_ENDPOINT_URL_CODEARTIFACT: 'endpoint that `codeartifact-token` uses instead of the one of the region',
  AWS_USE_FIPS_ENDPOINT: '`true` selects the FIPS endpoint of the region',
  AWS_CA_BUNDLE: 'file of CA certificates (PEM) to trust instead of the default ones',
  NODE_EXTRA_CA_CERTS: 'file of CA certificates (PEM) to trust in addition to the default ones',
  AWS_PROFILE: 'profile that the format `profile` writes; `default` if not set',
  AWS_SHARED_CREDENTIALS_FILE: 'file that the format `profile` writes; `~/.aws/credentials` if not set',
  AWS_CONFIG_FILE: 'if the format `profile` writes this file, it uses the syntax of a config file',

  GITLAB_TOKEN: 'access token for the API of the instance that `GITLAB_HOST` specifies',
  GITLAB_ACCESS_TOKEN: 'the same, if `GITLAB_TOKEN` is not set',
  OAUTH_TOKEN: 'OAuth token for the same API, if neither of them is set',
  GITLAB_HOST: 'instance that these tokens are for; the instance of the job or gitlab.com if not set',
  GITLAB_URI: 'the same, if `GITLAB_HOST` is not set',
  GL_HOST: 'the same, if `GITLAB_URI` is not set either',
  GITLAB_API_HOST: "host of that instance's API, if it is another one",
  GLAB_CONFIG_DIR: "directory of glab's `config.yml`, for a token that `glab auth login` stored",
  XDG_CONFIG_HOME: 'where `glab-cli/config.yml` is, if `GLAB_CONFIG_DIR` is not set',

  HTTPS_PROXY: 'proxy for https, in upper or lower case',
  HTTP_PROXY: 'proxy for http, in upper or lower case',
  ALL_PROXY: 'proxy for both, in upper or lower case',
  NO_PROXY: 'hosts to reach without a proxy, in upper or lower case',
  NODE_TLS_REJECT_UNAUTHORIZED: 'ignored, and a notice says so: certificates are always verified',

  CI_JOB_ID: 'marks a GitLab job: the log uses colors and collapsible sections',
  CI_JOB_TOKEN: 'recognized where it is passed as the ID token by mistake, and masked in the log',
  CI_PROJECT_ID: 'part of the default session name; default of `--project-id`',
  CI_PIPELINE_ID: 'part of the default session name',
  CI_SERVER_URL: 'issuer that explanations expect; default of `--issuer`',
  CI_PROJECT_PATH: 'default of `--project`',
  CI_PROJECT_NAMESPACE_ID: 'default of `--namespace-id`',
  CI_COMMIT_BRANCH: 'default of `--branch`',
  CI_COMMIT_TAG: 'default of `--tag`',
  CI_DEFAULT_BRANCH: 'explains a refusal on another branch',
  CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'explains a refusal in a merge request from a fork',
  CI_MERGE_REQUEST_PROJECT_PATH: 'explains a refusal in a merge request from a fork',
  CI_DEBUG_TRACE: 'if `true`, a notice says that GitLab prints variables',
  CIRCLECI: 'marks a CircleCI job',
  CIRCLE_WORKFLOW_ID: 'part of the default session name in CircleCI',
  KUBERNETES_EXEC_INFO: 'API version that kubectl expects of `eks-token`',
  NO_COLOR: 'turns colors off',

  AWS_SECRET_ACCESS_KEY: 'masked in the log',
  AWS_SESSION_TOKEN: 'masked in the log',
} as const;

export type VariableName = keyof typeof variables;

export type Environment = { readonly [name in VariableName]?: string | undefined };

/** A variable whose name the user chooses; undefined if it is not set. */
export function variableNamed(env: Environment, name: string): string | undefined {
  return (env as Readonly<Record<string, string | undefined>>)[name];
}

/** The variables to read the token from; the first one that is set counts. */
export const tokenVariables = ['GITLAB_OIDC_TOKEN', 'CIRCLE_OIDC_TOKEN_V2', 'CIRCLE_OIDC_TOKEN'] as const;

/** The variables to read a token for GitLab's API from, as glab does; the first one that is set counts. */
export const apiTokenVariables = ['GITLAB_TOKEN', 'GITLAB_ACCESS_TOKEN', 'OAUTH_TOKEN'] as const;

/** Variables whose values must never be printed. */
export const secretVariables: readonly VariableName[] = [
  ...tokenVariables,
  ...apiTokenVariables,
  'CI_JOB_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
];

/**
 * Variables that an SDK might use instead of the session, or mix with it: keys, profiles, other providers.
 * `doctor` reports them, `exec` removes them.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings
 */
export const competingVariables: readonly string[] = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
];
