import { AwsOidcError } from '../errors.ts';
import { GitlabFailure } from './failure.ts';
import type { GitlabProject } from './project.ts';

/**
 * The ID of a project whose former path was requested: GitLab redirects to the project with its ID. Undefined for
 * any other failure, and for a redirect that leads out of the API, where no token may be sent.
 * https://docs.gitlab.com/user/project/repository/#repository-path-changes
 *
 * @param address of the instance's API
 */
export function movedTo(error: unknown, address: string): number | undefined {
  if (!(error instanceof GitlabFailure) || error.kind !== 'moved') return undefined;
  const { location = '' } = error;
  if (!URL.canParse(location, address)) return undefined;
  const { origin, pathname } = new URL(location, address);
  const base = new URL(address);
  const id = /\/api\/v4\/projects\/(\d{1,15})$/.exec(pathname)?.[1];
  return origin === base.origin && id !== undefined ? Number(id) : undefined;
}

/** An error that names the project's new path. */
export function moved(path: string, project: GitlabProject): AwsOidcError {
  return new AwsOidcError('REFUSED', `The project ${path} has moved to ${project.path}.`, {
    hint: `Change the remote with "git remote set-url" to the address shown at ${project.webUrl}, then run the command again: ID tokens contain the new path.`,
  });
}
