import { codeArtifactToken } from '../../aws-api/codeartifact.ts';
import { connect } from '../../aws-api/default-credentials.ts';
import type { Environment } from '../../environment-variables.ts';
import { type ExitCode, exitCodes, type Problem, RuleError } from '../../errors.ts';
import { parseEndpoint } from '../../exchange/option-values.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import { reportFailure } from '../../output/failure.ts';
import { redactingLog } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { inputChecker } from '../../validation/input-checker.ts';
import { invalidInput } from '../../validation/invalid-input.ts';
import { checkAccountId, parseDuration } from '../../validation/values.ts';
import { readBundle } from '../input/session-input.ts';

/** The flags of the command. */
export interface CodeArtifactTokenFlags {
  readonly domain: string;
  readonly domainOwner?: string | undefined;
  readonly duration?: string | undefined;
  readonly region?: string | undefined;
}

/** Prints a token for the repositories of a CodeArtifact domain, and nothing else, to standard output. */
export async function codeArtifactTokenCommand(
  io: Io,
  flags: CodeArtifactTokenFlags,
  limits: RetryLimits = defaultRetryLimits,
): Promise<ExitCode> {
  const log = redactingLog(io);
  try {
    const { endpoint, ...request } = readRequest(flags, io.env);
    const connection = await connect(
      { region: flags.region, isRegional: true, ca: await readBundle(io) },
      io.env,
    );
    const { token, expiration } = await codeArtifactToken(connection, request, endpoint, limits);
    await io.out(`${token}\n`);
    log.done(`token for the domain ${flags.domain} until ${expiration.toISOString()}`);
    return exitCodes.done;
  } catch (error) {
    return reportFailure(log, error);
  }
}

function readRequest({ domain, domainOwner, duration }: CodeArtifactTokenFlags, env: Environment) {
  const problems: Problem[] = [];
  const check = inputChecker(problems);
  const name = env.AWS_ENDPOINT_URL_CODEARTIFACT ? 'AWS_ENDPOINT_URL_CODEARTIFACT' : 'AWS_ENDPOINT_URL';
  const request = {
    domain: check.optional('--domain', domain, checkDomain) ?? '',
    domainOwner: check.optional('--domain-owner', domainOwner, checkAccountId),
    durationSeconds: check.optional('--duration', duration, parseDuration) ?? 0,
    endpoint: check.private(name, env[name] || undefined, parseEndpoint),
  };
  if (problems.length > 0) throw invalidInput(problems);
  return request;
}

/** https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetAuthorizationToken.html */
function checkDomain(text: string): string {
  if (/^[a-z][a-z0-9-]{0,48}[a-z0-9]$/.test(text)) return text;
  throw new RuleError('must be the name of a CodeArtifact domain', 'Its name, not its ARN.');
}
