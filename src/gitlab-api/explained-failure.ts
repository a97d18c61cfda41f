import { AwsOidcError } from '../errors.ts';
import { type Asked, explainedRefusal, type Purpose } from './explained-refusal.ts';
import type { GitlabFailure } from './failure.ts';

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
