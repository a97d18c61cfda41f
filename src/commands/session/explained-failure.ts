import { AwsOidcError } from '../../errors.ts';
import type { Options } from '../../exchange/options.ts';
import { stsUrl } from '../../exchange/sts.ts';
import type { StsError } from '../../exchange/sts-error.ts';
import { explainRefusal } from '../../explain/refusal.ts';
import { jobFacts, type Situation } from '../../explain/situation.ts';
import type { Io } from '../../system/io.ts';

/** What is known of an exchange, to explain its failure by. */
function situationOf({ role, token, durationSeconds }: Options, io: Io): Situation {
  return { role, claims: token.claims, durationSeconds, now: io.now(), job: jobFacts(io.env) };
}

/** An error of STS or of the way to it, with its causes and what to do. */
export function explainedFailure(error: StsError, options: Options, io: Io): AwsOidcError {
  const message = `${error.code}: ${error.message}`;
  const host = stsUrl(options).host;
  const causes = explainRefusal(error, situationOf(options, io));
  const known = causes.length > 0;
  switch (error.kind) {
    case 'refused':
      return new AwsOidcError('REFUSED', message, {
        causes,
        hint: known ? troubleshooting : `What STS may answer: ${stsReference}`,
      });
    case 'passing':
      return new AwsOidcError('UNAVAILABLE', message, {
        causes,
        hint: known
          ? troubleshooting
          : `${host} did not serve this in time. A later try may succeed; the component's job is run again.`,
      });
    case 'untrusted':
      return new AwsOidcError('UNTRUSTED_CONNECTION', message, {
        hint: `${host} could not prove who it is. Behind a proxy that opens TLS, name its CA in AWS_CA_BUNDLE.`,
      });
    case 'foreign':
      return new AwsOidcError('REFUSED', `The answer did not come from AWS STS: ${error.message}`, {
        hint: `Something between this job and ${host} answered. Check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL_STS.`,
      });
  }
}

const troubleshooting = 'More: docs/troubleshooting.md of the project aws-oidc.';

const stsReference = 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html';
