import { formatExpiration, type Session } from './session.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, and each partition's own console */
const consoleHosts: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/**
 * A report for `artifacts:reports:annotations`: a link on the job's page that says which role is
 * assumed until when, and leads to what this session did, in CloudTrail's event history.
 * Format: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations
 *
 * @returns JSON; without a link where the partition's console is not known
 */
export function formatAnnotations(session: Session): string {
  const [, partition = '', , , , resource = ''] = session.assumedRoleArn.split(':');
  const [, roleName = '', sessionName = ''] = resource.split('/');
  const host = consoleHosts[partition];
  if (host === undefined) return '{}\n';
  const until = formatExpiration(session.expiration);
  const url = new URL(`https://${session.region}.${host}/cloudtrailv2/home`);
  url.searchParams.set('region', session.region);
  // CloudTrail's "user name" of an assumed role is its session name
  url.hash = `/events?Username=${encodeURIComponent(sessionName)}`;
  const label = `${roleName} in ${session.account} until ${until}`;
  return `${JSON.stringify({ 'AWS role': [{ external_link: { label, url: url.href } }] }, null, 2)}\n`;
}
