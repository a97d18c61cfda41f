import { AwsOidcError } from '../errors.ts';
import type { GitlabFailure } from './failure.ts';
import type { FoundToken } from './token.ts';

/** What a request is for, and what it needs. */
export interface Purpose {
  /** For example `start a pipeline`. */
  readonly what: string;
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

/** An error for the user: what happened, and what to do about it. */
export function explainedFailure(failure: GitlabFailure, purpose: Purpose, asked: Asked): AwsOidcError {
  const { host } = asked;
  const { message: detail, kind } = failure;
  switch (kind) {
    case 'refused':
      return explainedRefusal(failure, purpose, asked);
    case 'limited':
      return new AwsOidcError('UNAVAILABLE', `${host} refuses further requests: its rate limit is reached.`, {
        hint: `Try again ${afterPause(failure)}.`,
      });
    case 'unavailable':
      return unavailable(failure, host);
    case 'no-host':
      return new AwsOidcError('UNAVAILABLE', `The host ${host} was not found (${detail}).`, {
        hint: `Check the remote URL, the network and the VPN. If ${host} is an alias of your SSH configuration, put the host's real name in the remote.`,
      });
    case 'untrusted':
      return new AwsOidcError(
        'UNTRUSTED_CONNECTION',
        `The TLS connection to ${host} is not trusted (${detail}).`,
        {
          hint: 'If its certificate is from a private CA, or a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to a file with the CA certificates (PEM).',
        },
      );
    case 'moved':
      return elsewhere(failure, asked);
    case 'foreign':
      return notGitlab(`${host} responds with ${detail}, which is not GitLab's API.`, asked);
    case 'mistyped':
      return notGitlab(`The response of ${host} is not as GitLab documents it: ${detail}.`, asked);
  }
}

/** Errors of GitLab: https://docs.gitlab.com/api/rest/troubleshooting/ */
function explainedRefusal(failure: GitlabFailure, purpose: Purpose, asked: Asked): AwsOidcError {
  const { host, token } = asked;
  const { what, role } = purpose;
  const { status, says } = failure;
  if (status === 401 && token === undefined) return tokenNeeded(purpose, asked);
  if (status === 401) {
    const why = /revoked/i.test(says) ? 'is revoked' : /expired/i.test(says) ? 'has expired' : 'is not valid';
    return new AwsOidcError('REFUSED', `The token in ${token?.source} ${why}, according to ${host}.`, {
      hint: newToken(purpose, asked),
    });
  }
  if (/insufficient_scope|insufficient_granular_scope/.test(says)) {
    return new AwsOidcError(
      'REFUSED',
      `The token in ${token?.source} lacks a scope that is needed to ${what}.`,
      {
        hint: newToken(purpose, asked),
      },
    );
  }
  if (status === 403 && token === undefined) return tokenNeeded(purpose, asked);
  if (status === 403) {
    return new AwsOidcError('REFUSED', `The token in ${token?.source} is not permitted to ${what}.`, {
      hint: `The user, project or group of the token needs the ${role} role or higher in the project.`,
    });
  }
  if (status === 404) return notFound(purpose, asked);
  return new AwsOidcError('REFUSED', `${host} refuses to ${what} (${failure.message}).`, {
    hint: 'Try the same in the web interface of GitLab, which shows the reason.',
  });
}

function tokenNeeded(purpose: Purpose, asked: Asked): AwsOidcError {
  return new AwsOidcError('REFUSED', `${asked.host} requires a token to ${purpose.what}.`, {
    hint: newToken(purpose, asked),
  });
}

/** GitLab gives the same response for what does not exist and for what the token may not see. */
function notFound(purpose: Purpose, asked: Asked): AwsOidcError {
  const { host, token } = asked;
  const message = `${host} cannot ${purpose.what}: there is nothing at this address, or it is private.`;
  const hint =
    token === undefined
      ? `Check the spelling. If the project is private: ${newToken(purpose, asked)}`
      : `Check the spelling. If the project is private, the user, project or group of the token in ${token.source} must be a member of it.`;
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

function unavailable({ status, message: detail }: GitlabFailure, host: string): AwsOidcError {
  if (status > 0) {
    return new AwsOidcError('UNAVAILABLE', `${host} responds with ${detail}: it is not available.`, {
      hint: `Try again later.${host === 'gitlab.com' ? ' Its state: https://status.gitlab.com' : ''}`,
    });
  }
  return new AwsOidcError('UNAVAILABLE', `${host} cannot be reached (${detail}).`, {
    hint: 'Check the network, the VPN, HTTPS_PROXY and NO_PROXY. If the API has another host or port than the remote, set GITLAB_HOST to the host of the remote and GITLAB_API_HOST to that of the API.',
  });
}

function elsewhere({ location = '' }: GitlabFailure, asked: Asked): AwsOidcError {
  const { host } = asked;
  const target = URL.canParse(location, `https://${host}`) ? new URL(location, `https://${host}`).host : '';
  const where = target === '' || target === host ? 'to another page' : `to ${target}`;
  return notGitlab(`${host} redirects ${where}. The token was not sent there.`, asked);
}

function notGitlab(message: string, { host }: Asked): AwsOidcError {
  return new AwsOidcError('REFUSED', message, {
    hint: `Check that ${host} is a GitLab instance. If it is, a login page, proxy or firewall responded instead, or the API has another host: set GITLAB_HOST to the host of the remote and GITLAB_API_HOST to that of the API.`,
  });
}

function afterPause({ retryAfterMs }: GitlabFailure): string {
  return retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`;
}
