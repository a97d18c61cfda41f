import { createGitlabApi, type GitlabApi } from '../../gitlab-api/api.ts';
import { findAccess } from '../../gitlab-api/token.ts';
import { createAgents } from '../../network/transport.ts';
import type { CommandLineIo } from '../../system/io.ts';

/**
 * GitLab's API, with the token of the person if there is one for this instance.
 *
 * @returns also why a token that was found is not used
 * @throws {AwsOidcError} `INVALID_INPUT` if the instance is not on https
 */
export async function gitlabApiOf(
  io: CommandLineIo,
  instance: string,
): Promise<{ readonly api: GitlabApi; readonly notices: readonly string[] }> {
  const { token, apiUrl, unused } = await findAccess(instance, io.env, io.readText);
  const agents = await createAgents(new URL(apiUrl ?? instance), undefined);
  return { api: createGitlabApi({ instance, apiUrl, token, agents }), notices: unused };
}
