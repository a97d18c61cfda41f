import { type ExitCode, exitCodes } from '../../errors.ts';
import { formatRegistries } from '../../hand-off/registries.ts';
import { formatExpiration } from '../../hand-off/session.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import { type DockerConfig, withRegistries } from '../../registry/docker-config.ts';
import type { Io } from '../../system/io.ts';
import type { SessionFlags } from '../input/session-input.ts';
import { obtainSession } from '../session/obtain-session.ts';
import { readDockerConfig } from './docker-directory.ts';
import { logIn, readRegistries } from './log-in.ts';

/** The registries, and where to write their credentials. */
export interface EcrLoginFlags extends SessionFlags {
  /** Hosts, or `default`; by default `AWS_OIDC_ECR_REGISTRIES`, else `default`. */
  readonly registries?: readonly string[] | undefined;
  /** By default `dotenv`. */
  readonly outputFormat?: 'dotenv' | 'docker-config' | undefined;
  /** A file, or `-` for standard output; by default `AWS_OIDC_DOTENV` for `dotenv`, else standard output. */
  readonly output?: string | undefined;
}

/**
 * Exchanges the ID token, requests tokens of Amazon ECR with the session, and hands on these tokens, not the session.
 *
 * @returns the exit code; errors have been logged
 */
export async function ecrLoginCommand(
  io: Io,
  flags: EcrLoginFlags = { inputs: {} },
  limits: RetryLimits = defaultRetryLimits,
): Promise<ExitCode> {
  const log = redactingLog(io, flags);
  try {
    const isReport = flags.outputFormat !== 'docker-config';
    const output = flags.output ?? (isReport ? io.env.AWS_OIDC_DOTENV || 'aws-oidc.env' : '-');
    if (isReport && output !== '-') await io.clearPrivateFile(output);
    const [name, list] = registriesOf(io, flags);
    const registries = readRegistries(list, name);
    const config = isReport || output === '-' ? fromVariable(io) : await inFile(io, output);
    const { session } = await obtainSession(io, flags, log, limits);
    const { auths, expiration } = await logIn(io, session, registries, name);
    const merged = withRegistries(config, auths);
    const hosts = [...auths.keys()];
    const text = isReport
      ? formatRegistries(forRunner(merged), hosts, expiration)
      : `${JSON.stringify(merged)}\n`;
    if (isReport && io.env.DOCKER_AUTH_CONFIG) log.notice(overrides);
    if (isReport && (merged.credHelpers || merged.credsStore)) log.notice(helpers);
    await (output === '-' ? io.out(text) : io.writePrivateFile(output, text));
    const place = output === '-' ? 'on standard output' : `in ${output}`;
    log.done(`Logged in to ${hosts.join(', ')} until ${formatExpiration(expiration)}, ${place}`);
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

const overrides =
  'DOCKER_AUTH_CONFIG is already set. Its entries are part of the report. If the project, a group, the instance or ' +
  'the pipeline sets it, it overrides the report, and later jobs cannot pull from ECR: rename that variable, and set ' +
  'the input "auth_config" to it.';

const helpers =
  'DOCKER_AUTH_CONFIG names credential helpers ("credHelpers" or "credsStore"). A runner that does not have these ' +
  'programs ignores the whole variable, also the tokens of ECR.';

function registriesOf({ env }: Io, { registries }: EcrLoginFlags): readonly [name: string, list: string] {
  if (registries !== undefined) return ['--registry', JSON.stringify(registries)];
  const list = env.AWS_OIDC_ECR_REGISTRIES?.trim();
  return ['registries', list && list !== '[]' ? list : '["default"]'];
}

/** @throws {AwsOidcError} `INVALID_INPUT`; the message contains no part of the configuration */
function fromVariable({ env }: Io): DockerConfig {
  const name = env.AWS_OIDC_AUTH_CONFIG ? 'auth_config' : 'DOCKER_AUTH_CONFIG';
  return readDockerConfig(name, env.AWS_OIDC_AUTH_CONFIG || env.DOCKER_AUTH_CONFIG || '');
}

/** The configuration that is written again, with the entries of the variable. */
async function inFile(io: Io, path: string): Promise<DockerConfig> {
  const config = readDockerConfig(path, await io.readText(path).catch(() => ''));
  return { ...config, auths: { ...config.auths, ...fromVariable(io).auths } };
}

/** The settings that the runner reads: a report has little room. */
function forRunner({ auths, credHelpers, credsStore }: DockerConfig): DockerConfig {
  return { auths, credHelpers, credsStore };
}
