import { AwsOidcError } from '../errors.ts';
import type { GitlabFailure } from './failure.ts';
import type { FoundToken } from './token.ts';

/** What a request is for, and what it needs. */
export interface Purpose {
  /** For example `start a pipeline`. */
  readonly what: string;
  /** What GitLab hides by a status 404: `the project`. */
  readonly of: string;
  /** The scope that a token needs: https://docs.gitlab.com/security/tokens/access_token_scopes/ */
  readonly scope: 'api' | 'read_api';
  /** The role in the project: https://docs.gitlab.com/user/permissions/ */
  readonly role: 'Reporter' | 'Developer';
}

/** Who is asked, and with what. */
export interface Asked {
  /** The host of the API, with its port. */
  readonly host: string;
  /** The address of the instance, for links. */
  readonly instance: string;
  readonly token: FoundToken | undefined;
}

/**
 * The error for a request that GitLab refuses: which scope, role or token it needs.
 * https://docs.gitlab.com/api/rest/troubleshooting/#status-codes
 */
export function explainedRefusal(failure: GitlabFailure, purpose: Purpose, asked: Asked): AwsOidcError {
  const { status, says } = failure;
  const { what, role } = purpose;
  if (status === 404) return notFound(purpose, asked);
  if ((status === 401 || status === 403) && asked.token === undefined) return tokenNeeded(purpose, asked);
  const token = `The token in ${asked.token?.source}`;
  if (status === 401) {
    const why = /revoked/i.test(says) ? 'is revoked' : /expired/i.test(says) ? 'has expired' : 'is not valid';
    const hint = newToken(purpose, asked);
    return new AwsOidcError('REFUSED', `${token} ${why}, according to ${asked.host}.`, { hint });
  }
  if (/insufficient_(granular_)?scope/.test(says)) {
    const hint = newToken(purpose, asked);
    return new AwsOidcError('REFUSED', `${token} lacks a scope that is needed to ${what}.`, { hint });
  }
  if (status === 403) {
    const hint = `The user, project or group of the token needs the ${role} role or higher in the project.`;
    return new AwsOidcError('REFUSED', `${token} is not permitted to ${what}.`, { hint });
  }
  const hint = 'Try the same in the web interface of GitLab, which shows the reason.';
  return new AwsOidcError('REFUSED', `${asked.host} refuses to ${what} (${failure.message}).`, { hint });
}

function tokenNeeded(purpose: Purpose, asked: Asked): AwsOidcError {
  return new AwsOidcError('REFUSED', `${asked.host} requires a token to ${purpose.what}.`, {
    hint: newToken(purpose, asked),
  });
}

/** GitLab gives the same response for what does not exist and for what the token may not see. */
function notFound(purpose: Purpose, asked: Asked): AwsOidcError {
  const { host, token } = asked;
  const message = `${host} does not show ${purpose.of}: it does not exist, or it is private.`;
  const hint =
    token === undefined
      ? `Check the spelling. If it is private: ${newToken(purpose, asked)}`
      : `Check the spelling. If it is private, the user, project or group of the token in ${token.source} must be a member of the project.`;
  return new AwsOidcError('REFUSED', message, { hint });
}

/** How to get a token that works. */
function newToken({ scope, role }: Purpose, { instance, token }: Asked): string {
  const { host } = new URL(instance);
  const name = token && /^[A-Z_]+$/.test(token.source) ? token.source : 'GITLAB_TOKEN';
  const address = host === 'gitlab.com' ? '' : ` and GITLAB_HOST to ${host}`;
  const create = `Create a personal access token with the scope ${scope} at ${instance}/-/user_settings/personal_access_tokens, or a project access token with this scope and the ${role} role, and set ${name} to it${address}.`;
  return token === undefined || name === token.source
    ? create
    : `${create} Or run: glab auth login --hostname ${host}`;
}
