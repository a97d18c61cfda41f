import { formatExpiration, type Session } from './session.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, and the console of each partition */
const consoleHosts: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/**
 * A report for `artifacts:reports:annotations`: a link on the job's page to the events of this session in
 * CloudTrail's event history. Its text is the role, the account and the expiration.
 * Format: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations
 *
 * @returns JSON; without a link if the partition's console is not known
 */
export function formatAnnotations(session: Session): string {
  const [, partition = '', , , , , roleName = '', sessionName = ''] = session.assumedRoleArn.split(/[:/]/);
  const host = consoleHosts[partition];
  if (host === undefined) return noAnnotations;
  const until = formatExpiration(session.expiration);
  const url = new URL(`https://${session.region}.${host}/cloudtrailv2/home`);
  url.searchParams.set('region', session.region);
  // for an assumed role, CloudTrail's "user name" is the session name
  url.hash = `/events?Username=${encodeURIComponent(sessionName)}`;
  return formatLink(`${roleName} in ${session.account} until ${until}`, url.href);
}

/** GitLab's documentation of this exchange, at its section on troubleshooting. */
const explanationUrl = 'https://docs.gitlab.com/ci/cloud_services/aws/#troubleshooting';

/** GitLab accepts at most 255 characters. */
const maxLabelLength = 200;

/**
 * The same report after a refusal: a link to the documentation, with the reason as its text.
 *
 * @param reason one line that is safe to show
 */
export function formatRefusalAnnotations(reason: string): string {
  const label = reason.length > maxLabelLength ? `${reason.slice(0, maxLabelLength - 1)}…` : reason;
  return formatLink(`refused: ${label}`, explanationUrl);
}

/** A report without a link. */
export const noAnnotations = '{}\n';

function formatLink(label: string, url: string): string {
  return `${JSON.stringify({ 'AWS role': [{ external_link: { label, url } }] }, null, 2)}\n`;
}
