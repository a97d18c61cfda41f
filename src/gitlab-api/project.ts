import {
  anId,
  anObject,
  aPath,
  aString,
  aWebUrl,
  fieldsOf,
  oneOf,
  optional,
  required,
  strings,
} from './fields.ts';

/** A project, as GitLab's API shows it: https://docs.gitlab.com/api/projects/#retrieve-a-project */
export interface GitlabProject {
  readonly id: number;
  /** With its groups, as GitLab spells it. */
  readonly path: string;
  readonly namespaceId: number;
  /** Undefined in a repository without commits, and if the token may not read the repository. Not checked for characters that a log cannot show. */
  readonly defaultBranch: string | undefined;
  readonly visibility: 'public' | 'internal' | 'private';
  readonly webUrl: string;
  /**
   * The address of the instance as GitLab knows it, which is the issuer of its tokens. It differs from the
   * remote's if SSH has a name or the web a port of its own, or if GitLab is below a path of its host.
   */
  readonly instance: string;
  /** The path of the pipeline's file, if it is not `.gitlab-ci.yml`; it may be in another project or at a URL. */
  readonly ciConfigPath: string | undefined;
  /** The path of the project that this one was forked from. */
  readonly forkedFrom: string | undefined;
  /** The claims that the subject of ID tokens consists of; undefined if GitLab does not show them. */
  readonly subClaimComponents: readonly string[] | undefined;
}

const visibilities = oneOf('public', 'internal', 'private');

/**
 * Reads a project from the response.
 *
 * @param withToken without a token, GitLab shows only public projects, and not everything of them
 * @throws {GitlabFailure} `mistyped`
 */
export function readProject(value: unknown, withToken: boolean): GitlabProject {
  const fields = fieldsOf(value);
  const path = required(fields, 'path_with_namespace', aPath);
  const webUrl = required(fields, 'web_url', aWebUrl);
  const shown = optional(fields, 'visibility', visibilities);
  const visibility = shown ?? (withToken ? required(fields, 'visibility', visibilities) : 'public');
  const source = optional(fields, 'forked_from_project', anObject);
  return {
    id: required(fields, 'id', anId),
    path,
    namespaceId: required(required(fields, 'namespace', anObject), 'id', anId),
    defaultBranch: optional(fields, 'default_branch', aString) || undefined,
    visibility,
    webUrl,
    instance: webUrl.endsWith(`/${path}`) ? webUrl.slice(0, -path.length - 1) : new URL(webUrl).origin,
    ciConfigPath: optional(fields, 'ci_config_path', aString) || undefined,
    forkedFrom: source && optional(source, 'path_with_namespace', aPath),
    subClaimComponents: optional(fields, 'ci_id_token_sub_claim_components', strings),
  };
}
