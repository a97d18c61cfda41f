import { getProxyForUrl } from 'proxy-from-env';
import { competingVariables, variableNamed } from '../../environment-variables.ts';
import { AwsOidcError, RuleError } from '../../errors.ts';
import type { Options } from '../../exchange/options.ts';
import { stsUrl } from '../../exchange/sts.ts';
import { type Check, failed, passed, unknown } from '../../issuer/check.ts';
import { httpGet } from '../../issuer/http-get.ts';
import { createAgents } from '../../network/transport.ts';
import type { Io } from '../../system/io.ts';
import { optionsFrom, readBundle, type SessionFlags } from '../input/session-input.ts';

/** Checks the role, the connection to STS, and variables that conflict with the session's credentials. */
export async function checkEnvironment(io: Io, flags: SessionFlags): Promise<readonly Check[]> {
  const shadows = checkShadows(io);
  try {
    const options = await optionsFrom(io, flags);
    const { role, region } = options;
    const detail = `${role.arn} in account ${role.account}, with STS in ${region}.`;
    return [passed('role', 'role', detail), await checkEndpoint(options, io), shadows];
  } catch (error) {
    if (!(error instanceof AwsOidcError)) throw error;
    const problems = error.problems.filter(({ name }) => !/TOKEN|token/.test(name));
    const checks = problems.map(({ name, rule, value, hint }) => {
      const found = value ? ` It is "${value}".` : '';
      return failed('input', `"${name}"`, `${rule}.${found}`, hint ?? 'Correct the value.');
    });
    const endpoint = unknown('sts', 'STS', 'Not checked, because the input is invalid.');
    return [...checks, endpoint, shadows];
  }
}

/** Sends an empty request: any response shows that STS is reachable. */
async function checkEndpoint(options: Options, io: Io): Promise<Check> {
  const url = stsUrl(options);
  const proxy = getProxyForUrl(url.href);
  const way = proxy === '' ? 'directly' : `through ${nameOf(proxy)}`;
  try {
    const { elapsedMs } = await httpGet(url, await createAgents(url, await readBundle(io)));
    return passed('sts', 'STS', `${url.host} responds ${way} in ${Math.round(elapsedMs)} ms.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined && !(error instanceof RuleError)) throw error;
    const why = error instanceof RuleError ? `the proxy variable ${message}` : `${message} (${code})`;
    const remedy =
      'Check the region, AWS_ENDPOINT_URL_STS, HTTPS_PROXY and NO_PROXY. For a proxy that intercepts TLS, add its CA to AWS_CA_BUNDLE.';
    return failed('sts', 'STS', `${url.host} cannot be reached ${way}: ${why}.`, remedy);
  }
}

/** The proxy without its password. */
function nameOf(proxy: string): string {
  return URL.canParse(proxy) ? `the proxy ${new URL(proxy).host}` : 'the configured proxy';
}

/** What EKS sets for the IAM role of a pod, so that a job in it has them, too. */
const ofPod = /^AWS_(WEB_IDENTITY_TOKEN_FILE|ROLE_ARN|ROLE_SESSION_NAME|CONTAINER_\w+)$/;

function checkShadows({ env }: Io): Check {
  const found = competingVariables.filter((name) => variableNamed(env, name));
  if (found.length === 0) {
    return passed(
      'shadows',
      'other credentials',
      'No variable conflicts with the credentials of the session.',
    );
  }
  const others = found.filter((name) => !ofPod.test(name));
  if (others.length === 0) {
    const text = `${found.join(', ')}: the role of the runner's pods, which the components do not use.`;
    return passed('shadows', 'other credentials', text);
  }
  return failed(
    'shadows',
    'other credentials',
    `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} set in this job.`,
    "Delete them in the CI/CD settings of the project and its groups: they override the session's credentials or mix with them.",
  );
}
