import { isProjectPath } from './project-path.ts';

/** A project on a GitLab instance, as a git remote spells it. */
export interface RemoteProject {
  /** The address of the instance without a trailing slash: `https://gitlab.example.com`. */
  readonly instance: string;
  /** The project's path with its groups: `group/subgroup/project`. */
  readonly path: string;
}

/**
 * The GitLab instance and the project of a git remote, from every form of URL that git uses for a server.
 * Whether a GitLab runs there is not known. `http` stays `http`. The port of an https URL stays, because it is
 * part of the issuer; the port of SSH is dropped, because the API has another. A GitLab below a path of its
 * host (a "relative URL") cannot be told from a group.
 *
 * https://git-scm.com/docs/git-clone#_git_urls
 *
 * @param url after `insteadOf`, which git applies
 * @returns undefined for a local path, for another protocol, for a service that is not GitLab, and for
 *   anything that cannot be a project's path
 */
export function parseRemote(url: string): RemoteProject | undefined {
  const address = addressOf(url);
  if (address === undefined || serviceOf(address.hostname) !== undefined) return undefined;
  const path = projectPath(address.path);
  if (path === undefined) return undefined;
  const { protocol, hostname, port } = address;
  if (protocol === 'ssh:') return { instance: `https://${sshNames[hostname] ?? hostname}`, path };
  return { instance: `${protocol}//${hostname}${port === '' ? '' : `:${port}`}`, path };
}

/** The name of the service, other than GitLab, that a git remote is on: `GitHub`. Undefined if it is none of these. */
export function otherService(url: string): string | undefined {
  if (/^codecommit:(:|\/\/)/.test(url)) return 'AWS CodeCommit';
  const address = addressOf(url);
  return address && serviceOf(address.hostname);
}

/** https://about.gitlab.com/blog/2016/02/18/gitlab-dot-com-now-supports-an-alternate-git-plus-ssh-port/ */
const sshNames: Readonly<Record<string, string>> = { 'altssh.gitlab.com': 'gitlab.com' };

const services: readonly (readonly [hosts: RegExp, name: string])[] = [
  [/^(.+\.)?(github\.com|ghe\.com)$/, 'GitHub'],
  [/^(.+\.)?bitbucket\.org$/, 'Bitbucket'],
  [/^(.+\.)?(dev\.azure\.com|visualstudio\.com)$/, 'Azure DevOps'],
  [/^git-codecommit(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)$/, 'AWS CodeCommit'],
  [/^(.+\.)?codeberg\.org$/, 'Codeberg'],
  [/^(.+\.)?git\.sr\.ht$/, 'SourceHut'],
];

function serviceOf(hostname: string): string | undefined {
  return services.find(([hosts]) => hosts.test(hostname))?.[1];
}

/** Where a remote is, before anything is known about the path. */
interface Address {
  readonly protocol: 'https:' | 'http:' | 'ssh:';
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
}

/** A URL longer than this is no remote. */
const maxLength = 2048;

function addressOf(url: string): Address | undefined {
  // the URL parser drops line breaks and tabs, reads a backslash as a slash, and ends the path at ? and #
  if (url.length > maxLength || !/^[\x21-\x7e]+$/.test(url) || /[\\?#]/.test(url)) return undefined;
  const [, scheme, rest = ''] = /^([a-z+]+):\/\/(.+)$/i.exec(url) ?? [];
  return scheme === undefined ? scpAddress(url) : urlAddress(scheme.toLowerCase(), rest);
}

/** `user@host:path`, `user@[::1]:path` or `[user@host:port]:path`: no slash is before the colon. */
function scpAddress(url: string): Address | undefined {
  const plain = url.replace(/^\[([^/[\]]*@)?([^@/:[\]]+)(:\d+)?\]:/, '$1$2:');
  const [, user, host = '', path = ''] =
    /^([^@/:[]+@)?(\[[0-9a-f:.]+\]|[^@/:[\]]+):(?!:)(.+)$/i.exec(plain) ?? [];
  const isWindowsDrive = /^[a-z]$/i.test(host);
  if (isWindowsDrive || user?.startsWith('-')) return undefined;
  return urlAddress('ssh', `${host}/${path.replace(/^\//, '')}`);
}

const protocols: Readonly<Record<string, Address['protocol']>> = {
  https: 'https:',
  http: 'http:',
  ssh: 'ssh:',
  'git+ssh': 'ssh:',
  'ssh+git': 'ssh:',
};

function urlAddress(scheme: string, rest: string): Address | undefined {
  const protocol = Object.hasOwn(protocols, scheme) ? protocols[scheme] : undefined;
  if (protocol === undefined || rest.startsWith('-')) return undefined;
  // a web protocol makes the parser check the host; for ssh, 443 is the default port that is dropped anyway
  const web = `${protocol === 'http:' ? 'http' : 'https'}://${rest}`;
  if (!URL.canParse(web)) return undefined;
  const parsed = new URL(web);
  const hostname = parsed.hostname.replace(/\.$/, '');
  if (!/^([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])$/.test(hostname)) return undefined;
  // not the parser's path, in which ".." is resolved
  const path = rest.replace(/^[^/]*\//, '');
  return { protocol, hostname, port: parsed.port, path };
}

function projectPath(path: string): string | undefined {
  const plain = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return isProjectPath(plain) ? plain : undefined;
}
