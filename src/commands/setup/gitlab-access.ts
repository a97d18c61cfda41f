import { createGitlabApi, type GitlabApi } from '../../gitlab-api/api.ts';
import { findAccess } from '../../gitlab-api/token.ts';
import { agentsFor } from '../../network/transport.ts';
import type { CommandLineIo } from '../../system/io.ts';

/** GitLab's API, and what to say and what to hide about its token. */
export interface GitlabAccess {
  readonly api: GitlabApi;
  /** Why a token that was found is not used. */
  readonly notices: readonly string[];
  /** A token from a file is not in the environment, so the log must be told to mask it. */
  readonly secrets: readonly string[];
}

/**
 * GitLab's API, with the token of the person if there is one for this instance.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if the instance is not on https, or a proxy variable is not a URL
 */
export async function gitlabApiOf(io: CommandLineIo, instance: string): Promise<GitlabAccess> {
  const { token, apiUrl, unused } = await findAccess(instance, io.env, io.readText);
  const agents = await agentsFor(new URL(apiUrl ?? instance), undefined);
  const api = createGitlabApi({ instance, apiUrl, token, agents });
  return { api, notices: unused, secrets: token === undefined ? [] : [token.text] };
}
