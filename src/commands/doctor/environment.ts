import { getProxyForUrl } from 'proxy-from-env';
import { competingVariables, variableNamed } from '../../environment.ts';
import { AwsOidcError, RuleError } from '../../errors.ts';
import type { Options } from '../../exchange/options.ts';
import { stsUrl } from '../../exchange/sts.ts';
import { createAgents } from '../../exchange/transport.ts';
import { type Check, failed, passed, unknown } from '../../issuer/check.ts';
import { httpGet } from '../../issuer/http-get.ts';
import type { Io } from '../../system/io.ts';
import { optionsFrom, readBundle, type SessionFlags } from '../input/session-input.ts';

/** Is the role named rightly, does STS answer, and does nothing in the environment shadow the credentials? */
export async function checkEnvironment(io: Io, flags: SessionFlags): Promise<readonly Check[]> {
  const shadows = checkShadows(io);
  try {
    const options = await optionsFrom(io, flags);
    const { role, region } = options;
    const where = `${role.arn}, account ${role.account}, through ${region}.`;
    return [passed('role', 'role', where), await checkEndpoint(options, io), shadows];
  } catch (error) {
    if (!(error instanceof AwsOidcError)) throw error;
    const problems = error.problems.filter(({ name }) => !/TOKEN|token/.test(name));
    const checks = problems.map(({ name, rule, value, hint }) => {
      const found = value ? ` It is "${value}".` : '';
      return failed('input', `"${name}"`, `${rule}.${found}`, hint ?? 'Correct it.');
    });
    const endpoint = unknown('sts', 'STS', 'Which one to ask is known when the input is right.');
    return [...checks, endpoint, shadows];
  }
}

/** STS answers every request in some way; what it says to an empty one does not matter. */
async function checkEndpoint(options: Options, io: Io): Promise<Check> {
  const url = stsUrl(options);
  const proxy = getProxyForUrl(url.href);
  const way = proxy === '' ? 'directly' : `through the proxy ${hostOf(proxy)}`;
  try {
    const { elapsedMs } = await httpGet(url, await createAgents(url, await readBundle(io)));
    return passed('sts', 'STS', `${url.host} answers ${way} in ${Math.round(elapsedMs)} ms.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined && !(error instanceof RuleError)) throw error;
    const why = error instanceof RuleError ? `its variable ${message}` : `${message} (${code})`;
    const remedy =
      'Check the region, AWS_ENDPOINT_URL_STS, HTTPS_PROXY and NO_PROXY; behind a proxy that opens TLS, name its CA in AWS_CA_BUNDLE.';
    return failed('sts', 'STS', `${url.host} cannot be reached ${way}: ${why}.`, remedy);
  }
}

/** Without the password that may be in it. */
function hostOf(proxy: string): string {
  return URL.canParse(proxy) ? new URL(proxy).host : 'that is set';
}

function checkShadows({ env }: Io): Check {
  const found = competingVariables.filter((name) => variableNamed(env, name));
  if (found.length === 0) {
    return passed('shadows', 'other credentials', 'No variable competes with the session.');
  }
  return failed(
    'shadows',
    'other credentials',
    `${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} set in this job.`,
    'Delete them in the settings of the project and its groups: they win over what is handed on, or mix with it.',
  );
}
