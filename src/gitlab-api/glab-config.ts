import { join } from 'node:path';
import { isScalar, parseDocument } from 'yaml';
import type { Environment } from '../environment-variables.ts';

/** Reads a file as text. */
export type ReadText = (path: string) => Promise<string>;

/** What glab's configuration says about a host. */
export interface GlabHost {
  /** The file, for messages. */
  readonly path: string;
  /** Empty if it is not stored in the file. */
  readonly token: string;
  readonly isOauth: boolean;
  /** Empty if the API is at the host itself. */
  readonly apiHost: string;
  /** Empty if not set. */
  readonly apiProtocol: string;
}

/**
 * Reads glab's settings for a host, as `glab auth login` writes them, from the first file that has any.
 * https://gitlab.com/gitlab-org/cli#configuration
 *
 * @param host with its port, if it is not 443: `gitlab.example.com:8443`
 * @returns the settings, if there are any, and the files that could not be read, in sentences
 */
export async function readGlabHost(
  host: string,
  env: Environment,
  readText: ReadText,
): Promise<{ readonly found: GlabHost | undefined; readonly unread: readonly string[] }> {
  const unread: string[] = [];
  for (const path of configFiles(env)) {
    try {
      const found = hostIn(await readText(path), host, path);
      if (found !== undefined) return { found, unread };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      unread.push(
        `${path} was not used: ${code === undefined ? 'it is not valid YAML' : `it cannot be read (${code})`}.`,
      );
    }
  }
  return { found: undefined, unread };
}

/** In the order of glab. */
function configFiles({ GLAB_CONFIG_DIR, XDG_CONFIG_HOME, HOME }: Environment): readonly string[] {
  if (GLAB_CONFIG_DIR) return [join(GLAB_CONFIG_DIR, 'config.yml')];
  const folders = [
    ...(HOME ? [join(HOME, '.config')] : []),
    ...(XDG_CONFIG_HOME ? [XDG_CONFIG_HOME] : []),
    // on macOS
    ...(HOME ? [join(HOME, 'Library/Application Support')] : []),
  ];
  return folders.map((folder) => join(folder, 'glab-cli/config.yml'));
}

/** @throws the library's first error if the text is not YAML */
function hostIn(text: string, host: string, path: string): GlabHost | undefined {
  const document = parseDocument(text, { logLevel: 'silent', stringKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw new Error('not valid YAML');
  if (!document.hasIn(['hosts', host])) return undefined;
  const value = (name: string): string => {
    const node = document.getIn(['hosts', host, name], true);
    // glab tags tokens with !!null, so that their value would be null
    return isScalar(node) ? (node.source ?? '').trim() : '';
  };
  return {
    path,
    token: value('token'),
    isOauth: value('is_oauth2') === 'true',
    apiHost: value('api_host'),
    apiProtocol: value('api_protocol'),
  };
}
