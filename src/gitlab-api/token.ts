import { apiTokenVariables, type Environment } from '../environment-variables.ts';
import { type GlabHost, type ReadText, readGlabHost } from './glab-config.ts';

/** A token for GitLab's API. */
export interface FoundToken {
  /** Secret. Unlike those in variables, a token from a file is not in the environment for a log to mask. */
  readonly text: string;
  /** OAuth tokens are sent in another header than personal, project and group access tokens. */
  readonly kind: 'oauth' | 'access';
  /** Where it was found, for messages: a variable or a file. */
  readonly source: string;
}

/** How to use the API of a GitLab instance. */
export interface ApiAccess {
  /** Undefined if there is none for this instance; public projects can be read without. */
  readonly token: FoundToken | undefined;
  /** The address below which `/api/v4` is, if it is not the instance's own. */
  readonly apiUrl: string | undefined;
  /** Why something that was found is not used, and what to do; in sentences. */
  readonly unused: readonly string[];
}

/**
 * Finds a token for the API of an instance: in GITLAB_TOKEN, GITLAB_ACCESS_TOKEN or OAUTH_TOKEN, else in glab's
 * configuration file. The variables belong to one instance: the one in GITLAB_HOST (or GITLAB_URI, GL_HOST), else
 * the one of the job, else gitlab.com. They are never used for another one, because a repository's remote says
 * which instance is asked, and the repository may be anybody's. CI_JOB_TOKEN is never used.
 * https://gitlab.com/gitlab-org/cli#environment-variables
 *
 * @param instance for example `https://gitlab.example.com`
 */
export async function findAccess(instance: string, env: Environment, readText: ReadText): Promise<ApiAccess> {
  const { host } = new URL(instance);
  const own = hostOfVariables(env) === host;
  const { found, unread } = await readGlabHost(host, env, readText);
  const unused = [...foreignVariables(env, host, own), ...unread];
  const candidates = [...(own ? tokensOf(env) : []), ...(found ? tokensIn(found) : [])];
  const rejected = candidates.flatMap((token) => flaw(token, env) ?? []);
  const token = candidates.find((candidate) => flaw(candidate, env) === undefined);
  return { token, apiUrl: apiUrl(instance, own ? env : {}, found), unused: [...unused, ...rejected] };
}

/** The host, with its port, that the variables are for; undefined if the variable with it cannot be read. */
function hostOfVariables(env: Environment): string | undefined {
  const job = env.CI_JOB_ID ? env.CI_SERVER_URL : undefined;
  const given = env.GITLAB_HOST || env.GITLAB_URI || env.GL_HOST || job || 'gitlab.com';
  return urlOf(given, 'https:')?.host;
}

/** A host or a URL as a URL. */
function urlOf(text: string, protocol: string): URL | undefined {
  const url = /^https?:\/\//i.test(text) ? text : `${protocol}//${text}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** The variables that are set, but for another instance. */
function foreignVariables(env: Environment, host: string, own: boolean): readonly string[] {
  if (own) return [];
  const what = apiTokenVariables.find((name) => env[name]);
  return [
    ...(what
      ? [`${what} is not sent to ${host}: set GITLAB_HOST=${host} if it is a token of that instance.`]
      : []),
    ...(env.GITLAB_API_HOST
      ? [`GITLAB_API_HOST is not used: set GITLAB_HOST=${host} if it is for ${host}.`]
      : []),
  ];
}

function tokensOf(env: Environment): readonly FoundToken[] {
  const source = apiTokenVariables.find((name) => env[name]);
  if (source === undefined) return [];
  return [{ text: (env[source] ?? '').trim(), kind: source === 'OAUTH_TOKEN' ? 'oauth' : 'access', source }];
}

function tokensIn({ token, isOauth, path }: GlabHost): readonly FoundToken[] {
  return token === '' ? [] : [{ text: token, kind: isOauth ? 'oauth' : 'access', source: path }];
}

/** Why a token cannot be used, if so. */
function flaw({ text, source }: FoundToken, env: Environment): string | undefined {
  // https://docs.gitlab.com/ci/jobs/ci_job_token/#job-token-access
  if (text === env.CI_JOB_TOKEN || text.startsWith('glcbt-')) {
    return `${source} is a CI/CD job token, which cannot read project settings: use a project or personal access token.`;
  }
  // a header could not contain it
  if (!/^[\x21-\x7e]+$/.test(text))
    return `${source} contains characters that no token has: copy the token again.`;
  return undefined;
}

function apiUrl(instance: string, { GITLAB_API_HOST }: Environment, found: GlabHost | undefined) {
  const { protocol } = new URL(instance);
  const host = GITLAB_API_HOST || found?.apiHost || '';
  const configured = found?.apiProtocol === 'http' ? 'http:' : protocol;
  const url = host === '' ? undefined : urlOf(host, GITLAB_API_HOST ? protocol : configured);
  if (url === undefined) return undefined;
  const path = url.pathname.replace(/\/(api\/v4\/?)?$/, '');
  const address = `${url.origin}${path}`;
  return address === instance ? undefined : address;
}
