import { AwsOidcError } from '../../errors.ts';
import type { Options } from '../../exchange/options.ts';
import { stsUrl } from '../../exchange/sts.ts';
import type { StsError } from '../../exchange/sts-error.ts';
import { explainRefusal } from '../../explain/refusal.ts';
import { jobFacts, type Situation } from '../../explain/situation.ts';
import type { Io } from '../../system/io.ts';
import { documentationUrl } from '../../text/documentation.ts';
import { invalidInput } from '../../validation/invalid-input.ts';

/** What is known about an exchange, to explain its failure. */
function situationOf({ role, token, durationSeconds }: Options, io: Io): Situation {
  return { role, claims: token.claims, durationSeconds, now: io.now(), job: jobFacts(io.env) };
}

/** An error of STS, or of the connection to it, with its causes and their remedies. */
export function explainedFailure(error: StsError, options: Options, io: Io): AwsOidcError {
  const message = `${error.code}: ${error.message}`;
  if (error.kind === 'passing' && options.similarRegion !== undefined) return unknownRegion(options, message);
  const host = stsUrl(options).host;
  const causes = explainRefusal(error, situationOf(options, io));
  const known = causes.length > 0;
  switch (error.kind) {
    case 'refused':
      return new AwsOidcError('REFUSED', message, {
        causes,
        hint: known ? troubleshooting : `Errors of this operation: ${stsReference}`,
      });
    case 'passing':
      return new AwsOidcError('UNAVAILABLE', message, {
        causes,
        hint: known
          ? troubleshooting
          : "No attempt succeeded in time. Try again later; GitLab retries the component's job by itself.",
      });
    case 'untrusted':
      return new AwsOidcError('UNTRUSTED_CONNECTION', message, {
        hint: `The TLS connection to ${host} is not trusted. Behind a proxy that inspects TLS, add its CA to AWS_CA_BUNDLE.`,
      });
    case 'foreign':
      return new AwsOidcError('REFUSED', `The response did not come from AWS STS: ${error.message}`, {
        hint: `Something between this job and ${host} responded instead. Check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL_STS.`,
      });
  }
}

function unknownRegion({ region, similarRegion }: Options, message: string): AwsOidcError {
  const hint = `Did you mean "${similarRegion}"?`;
  return invalidInput(
    [{ name: 'region', rule: 'must be the name of an AWS region', value: region, hint }],
    message,
  );
}

const troubleshooting = `More: ${documentationUrl}/troubleshooting.md`;

const stsReference = 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html';
