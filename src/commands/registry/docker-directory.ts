import { RuleError } from '../../errors.ts';
import { type DockerConfig, parseDockerConfig, withRegistries } from '../../registry/docker-config.ts';
import type { Io } from '../../system/io.ts';
import { invalid } from '../input/text-file.ts';
import type { RegistryLogin } from './log-in.ts';

/**
 * The Docker configuration of the variable DOCKER_AUTH_CONFIG, or of another one with that content.
 *
 * @param name the variable or input, for errors
 * @throws {AwsOidcError} `INVALID_INPUT`; the message contains no part of the configuration
 */
export function readDockerConfig(name: string, text: string): DockerConfig {
  // GitLab keeps the name of a variable that does not exist
  if (/^\$\{?\w+\}?$/.test(text)) return {};
  try {
    return parseDockerConfig(text);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw invalid(name, error.message, error.hint);
  }
}

/**
 * The Docker configuration that the tools of this job would use: the file, with the entries of DOCKER_AUTH_CONFIG.
 *
 * @throws {AwsOidcError} `INVALID_INPUT`; the message contains no part of the configuration
 */
export async function existingDockerConfig(io: Io): Promise<DockerConfig> {
  const directory = directoryOf(io);
  const file = await io.readText(`${directory}/config.json`).catch(() => '');
  const config = readDockerConfig(`${directory}/config.json`, file);
  const { auths } = readDockerConfig('DOCKER_AUTH_CONFIG', io.env.DOCKER_AUTH_CONFIG ?? '');
  // the plugins of Docker's command line are below its directory
  const { cliPluginsExtraDirs: known, ...settings } = withoutStores(config);
  const plugins = [...(Array.isArray(known) ? known : []), `${directory}/cli-plugins`];
  return { ...settings, auths: { ...config.auths, ...auths }, cliPluginsExtraDirs: plugins };
}

/** Docker would ask the store instead of using the tokens, and would look for the context beside the new file. */
function withoutStores({ credsStore, currentContext, ...settings }: DockerConfig): DockerConfig {
  return settings;
}

/**
 * Writes a private config.json with the credentials of registries.
 *
 * @param directory where to write it
 * @returns the variables that lead docker, buildah, podman, skopeo, kaniko, crane and helm to it
 */
export async function writeDockerConfig(
  io: Io,
  directory: string,
  config: DockerConfig,
  { auths }: RegistryLogin,
): Promise<Readonly<Record<string, string>>> {
  const file = `${directory}/config.json`;
  await io.writePrivateFile(file, `${JSON.stringify(withRegistries(config, auths))}\n`);
  return { DOCKER_CONFIG: directory, REGISTRY_AUTH_FILE: file };
}

/** https://docs.docker.com/reference/cli/docker/#change-the-docker-directory */
function directoryOf({ env }: Io): string {
  return env.DOCKER_CONFIG || `${env.HOME || env.USERPROFILE || '.'}/.docker`;
}
