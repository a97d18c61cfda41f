import { RuleError } from '../errors.ts';
import { parseJson } from '../validation/values.ts';

/**
 * The configuration file of Docker's command line, which Podman, Buildah, Skopeo, Kaniko, Helm and the GitLab runner
 * read, too. Other settings than these are kept.
 * https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties
 */
export interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>> | undefined;
  readonly credHelpers?: Readonly<Record<string, unknown>> | undefined;
  readonly [setting: string]: unknown;
}

/**
 * Reads a configuration; an empty text is an empty configuration.
 *
 * @throws {RuleError} if it is not one; the message contains no part of it
 */
export function parseDockerConfig(text: string): DockerConfig {
  if (text.trim() === '') return {};
  const config = parseJson(text);
  const { auths = {}, credHelpers = {} } = isObject(config) ? config : {};
  if (isObject(config) && isObject(auths) && isObject(credHelpers)) return config;
  throw new RuleError('must be the JSON of a Docker config.json, such as {"auths": {}}');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Adds the credentials of registries. Entries and credential helpers for other registries are kept; those for these
 * registries, which may be written as `https://HOST` or `HOST/PATH`, are removed, because they would be used instead.
 *
 * @param auths base64 of `USER:PASSWORD`, by host
 */
export function withRegistries(config: DockerConfig, auths: ReadonlyMap<string, string>): DockerConfig {
  const ofOthers = ([key]: readonly [string, unknown]) => !auths.has(hostOf(key));
  const entries = Object.entries(config.auths ?? {}).filter(ofOthers);
  const helpers = Object.entries(config.credHelpers ?? {}).filter(ofOthers);
  const added = [...auths].map(([host, auth]) => [host, { auth }] as const);
  const { credHelpers, ...others } = config;
  return {
    ...others,
    auths: Object.fromEntries([...entries, ...added]),
    ...(helpers.length > 0 && { credHelpers: Object.fromEntries(helpers) }),
  };
}

/** The host in the key of an entry, which may have a scheme and a path. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}
